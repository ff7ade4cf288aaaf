"""The functions' code in this checkout: its changes, its errors, and its zip file."""

import fnmatch
import hashlib
import io
import json
import py_compile
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Any

from darkroom.errors import CommandError
from darkroom.terminal.escape import on_one_line
from localstack_init.build import PROJECT, BuildError, add
from localstack_init.function_code import NOT_CODE, RECIPES, check_recipes

CHECK_RECIPES = """
import sys
sys.path.insert(0, sys.argv[1])
from processor.images import decode_recipes
try:
    decode_recipes(sys.stdin.buffer.read())
except ValueError as error:
    sys.exit(str(error))
"""
"""Runs in a new process, with the code as it is now and not as this process imported it."""


Stamp = tuple[int, int, int]


class CodeError(CommandError):
    """The code cannot run. A line for each problem: file, line, and what is wrong."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A file as it was last read."""

    stamp: Stamp
    content: bytes
    bytecode: bytes | None
    problem: str = ""


@dataclass
class Code:
    """The folder ``processor/`` of a project; unchanged files are not read or compiled again."""

    project: Path = PROJECT
    run: Callable[..., subprocess.CompletedProcess[Any]] = subprocess.run
    _sources: dict[str, _Source] = field(default_factory=dict, init=False)
    _deployed: dict[str, str] = field(default_factory=dict, init=False)
    """Digests of the files that the functions run."""

    def __post_init__(self) -> None:
        self._read()
        self._deployed = self._digests()

    @property
    def folder(self) -> Path:
        """The folder of the code."""
        return self.project / "processor"

    def stamps(self) -> dict[str, Stamp]:
        """Return numbers of each file, as ``changed`` last read it, that change with each save."""
        return {name: source.stamp for name, source in self._sources.items()}

    def changed(self) -> list[str]:
        """Return the names of files that differ from the deployed ones. Raises ``CodeError``."""
        self._read()
        now = self._digests()
        names = sorted(
            name
            for name in now.keys() | self._deployed.keys()
            if now.get(name) != self._deployed.get(name)
        )
        problems = [each.problem for each in self._sources.values() if each.problem]
        if not problems and RECIPES in names:
            problems = self._recipe_problems()
        if problems and names:
            raise CodeError("\n".join(problems))
        return names

    def archive(self) -> bytes:
        """Return the zip file of the files as ``changed`` last read them."""
        files: dict[str, bytes] = {}
        for name, source in self._sources.items():
            files[name] = source.content
            if source.bytecode is not None:
                files[_bytecode_name(name)] = source.bytecode
        buffer = io.BytesIO()
        # Compression would take longer than it saves on this machine.
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name in sorted(files):
                add(archive, name, files[name])
        return buffer.getvalue()

    def set_deployed(self) -> None:
        """Note that the functions run the files as ``changed`` last read them."""
        self._deployed = self._digests()

    def _digests(self) -> dict[str, str]:
        return {
            name: hashlib.sha256(source.content).hexdigest()
            for name, source in self._sources.items()
        }

    def _read(self) -> None:
        sources = {}
        for path in self._files():
            name = path.relative_to(self.project).as_posix()
            try:
                stat = path.stat()
                if not S_ISREG(stat.st_mode):
                    continue  # opening a pipe would wait for its writer
                stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
                known = self._sources.get(name)
                sources[name] = (
                    known if known and known.stamp == stamp else _source(path, name, stamp)
                )
            except FileNotFoundError:
                continue  # deleted since the folder was listed
        self._sources = sources

    def _files(self) -> Iterator[Path]:
        for folder, folders, files in self.folder.walk():
            folders[:] = sorted(each for each in folders if is_code(each))
            yield from (folder / each for each in sorted(files) if is_code(each))

    def _recipe_problems(self) -> list[str]:
        source = self._sources.get(RECIPES)
        content = source.content if source else b""
        try:
            check_recipes(content if source else None)
        except BuildError as error:
            return [str(error)]
        done = self.run(
            [sys.executable, "-I", "-c", CHECK_RECIPES, self.project],
            input=content, capture_output=True, check=False,
        )  # fmt: skip
        lines = done.stderr.decode().strip().splitlines()
        return [f"{RECIPES}: {lines[-1] if lines else 'not valid'}"] if done.returncode else []


def is_code(name: str) -> bool:
    """Whether a file or folder of that name is part of the code."""
    return not any(fnmatch.fnmatch(name, pattern) for pattern in NOT_CODE)


def _source(path: Path, name: str, stamp: Stamp) -> _Source:
    content = path.read_bytes()
    name = on_one_line(name)
    if path.suffix == ".json":
        return _Source(stamp, content, None, _json_problem(name, content))
    if path.suffix != ".py":
        return _Source(stamp, content, None)
    if b"\0" in content:  # Python's error has no line
        line = content[: content.index(b"\0")].count(b"\n") + 1
        return _Source(stamp, content, None, f"{name}:{line}: SyntaxError: null byte")
    with tempfile.TemporaryDirectory() as folder:
        # A copy is compiled: the file itself may change meanwhile.
        copy, compiled = Path(folder) / "source.py", Path(folder) / "compiled"
        copy.write_bytes(content)
        try:
            py_compile.compile(
                str(copy),
                str(compiled),
                dfile=name,
                doraise=True,
                invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            )
        except py_compile.PyCompileError as error:
            return _Source(stamp, content, None, _python_problem(name, error.exc_value))
        return _Source(stamp, content, compiled.read_bytes())


def _python_problem(name: str, error: BaseException) -> str:
    if not isinstance(error, SyntaxError) or error.lineno is None:
        return f"{name}: {error}"
    problem = f"{name}:{error.lineno}: {type(error).__name__}: {error.msg}"
    if not error.text:
        return problem
    line = error.text.rstrip("\n")
    code = line.lstrip()
    column = max(0, (error.offset or 1) - 1 - (len(line) - len(code)))
    return f"{problem}\n    {code}\n    {' ' * column}^"


def _json_problem(name: str, content: bytes) -> str:
    try:
        json.loads(content)
    except json.JSONDecodeError as error:
        return f"{name}:{error.lineno}: {error.msg}"
    except UnicodeDecodeError as error:
        return f"{name}:{content.count(b'\n', 0, error.start) + 1}: {error}"
    except RecursionError:
        return f"{name}: it is nested too deeply"
    return ""


def _bytecode_name(name: str) -> str:
    """Return the file in which Python looks for a module's bytecode."""
    folder, _, file = name.rpartition("/")
    return f"{folder}/__pycache__/{file.removesuffix('.py')}.{sys.implementation.cache_tag}.pyc"
