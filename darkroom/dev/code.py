"""The functions' code as it is edited: what changed, whether it compiles, and its zip file."""

import fnmatch
import hashlib
import io
import json
import py_compile
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG

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
"""By the code that is there now, not by that which this process was started with."""


class CodeError(Exception):
    """The code is not fit to run. A line for each problem: file, line, what is wrong."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A file as it was read last."""

    stamp: tuple[int, int, int]
    content: bytes
    bytecode: bytes | None
    problem: str = ""


@dataclass
class Code:
    """The folder ``processor/`` of a project; what did not change is neither read nor compiled."""

    project: Path = PROJECT
    _sources: dict[str, _Source] = field(default_factory=dict, init=False)
    _running: dict[str, str] = field(default_factory=dict, init=False)
    """Digests of what the functions run."""

    def __post_init__(self) -> None:
        self._read()
        self._running = self._digests()

    def changed(self) -> list[str]:
        """Names of files that are not as the functions have them. Raises ``CodeError``."""
        self._read()
        now = self._digests()
        names = sorted(
            name
            for name in now.keys() | self._running.keys()
            if now.get(name) != self._running.get(name)
        )
        problems = [each.problem for each in self._sources.values() if each.problem]
        if not problems and RECIPES in names:
            problems = self._recipes()
        if problems and names:
            raise CodeError("\n".join(problems))
        return names

    def archive(self) -> bytes:
        """The zip file of what was looked at last."""
        files: dict[str, bytes] = {}
        for name, source in self._sources.items():
            files[name] = source.content
            if source.bytecode is not None:
                files[_cache(name)] = source.bytecode
        buffer = io.BytesIO()
        # Not compressed: that would take longer than all that it saves on this machine.
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name in sorted(files):
                add(archive, name, files[name])
        return buffer.getvalue()

    def is_running(self) -> None:
        """Take note that the functions have what was looked at last."""
        self._running = self._digests()

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
                    continue  # who opened a pipe would wait for its writer
                stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
                known = self._sources.get(name)
                sources[name] = (
                    known if known and known.stamp == stamp else _source(path, name, stamp)
                )
            except FileNotFoundError:
                continue  # gone since it was listed
        self._sources = sources

    def _files(self) -> Iterator[Path]:
        for folder, folders, files in (self.project / "processor").walk():
            folders[:] = sorted(each for each in folders if is_code(each))
            yield from (folder / each for each in sorted(files) if is_code(each))

    def _recipes(self) -> list[str]:
        """What is wrong with the recipes."""
        source = self._sources.get(RECIPES)
        try:
            check_recipes(source.content if source else None)
        except BuildError as error:
            return [str(error)]
        assert source  # noqa: S101 (for the type checker)
        done = subprocess.run(
            [sys.executable, "-I", "-c", CHECK_RECIPES, self.project],
            input=source.content, capture_output=True, check=False,
        )  # fmt: skip
        said = done.stderr.decode().strip().splitlines()
        return [f"{RECIPES}: {said[-1] if said else 'refused'}"] if done.returncode else []


def is_code(name: str) -> bool:
    """Whether a file or folder of that name is a part of the code."""
    return not any(fnmatch.fnmatch(name, pattern) for pattern in NOT_CODE)


def _source(path: Path, name: str, stamp: tuple[int, int, int]) -> _Source:
    content = path.read_bytes()
    name = on_one_line(name)
    if path.suffix == ".json":
        return _Source(stamp, content, None, _json_problem(name, content))
    if path.suffix != ".py":
        return _Source(stamp, content, None)
    if b"\0" in content:  # of which Python says no line
        line = content[: content.index(b"\0")].count(b"\n") + 1
        return _Source(stamp, content, None, f"{name}:{line}: SyntaxError: it holds a null byte")
    with tempfile.TemporaryDirectory() as folder:
        # From a copy: the file itself may change meanwhile.
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
            return _Source(stamp, content, None, _problem(name, error.exc_value))
        return _Source(stamp, content, compiled.read_bytes())


def _problem(name: str, error: BaseException) -> str:
    if not isinstance(error, SyntaxError) or error.lineno is None:
        return f"{name}: {error}"
    said = f"{name}:{error.lineno}: {type(error).__name__}: {error.msg}"
    if not error.text:
        return said
    line = error.text.rstrip("\n")
    bare = line.lstrip()
    column = max(0, (error.offset or 1) - 1 - (len(line) - len(bare)))
    return f"{said}\n    {bare}\n    {' ' * column}^"


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


def _cache(name: str) -> str:
    """Where Python looks for a module's bytecode."""
    folder, _, file = name.rpartition("/")
    return f"{folder}/__pycache__/{file.removesuffix('.py')}.{sys.implementation.cache_tag}.pyc"
