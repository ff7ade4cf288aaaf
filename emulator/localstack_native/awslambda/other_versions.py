"""Interpreters of other Python versions: search, and environments with the runtime's packages.

A function's runtime (``python3.12``) is an interpreter on PATH, in pyenv's folder or in uv's. An
interpreter that has awslambdaric is used as it is. Any other one gets an environment that adds the
packages of EMULATOR_LAMBDA_PYTHON: all of them are Python code, except awslambdaric's client of the
Runtime API, which ``runtime_client.py`` replaces. Nothing is downloaded.
"""

import glob
import logging
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from localstack import config

from localstack_native.awslambda.debugger import SettingError
from localstack_native.awslambda.environment import system_libraries
from localstack_native.awslambda.interpreter import (
    Interpreter,
    InterpreterError,
    examined,
    lambda_interpreter,
    run,
)

LOG = logging.getLogger(__name__)

VARIABLE = "EMULATOR_LAMBDA_RUNTIMES"
ANY, STRICT = "any", "strict"
PYTHON = re.compile(r"python3\.\d+")
CLIENT = Path(__file__).with_name("runtime_client.py")
INSTALL = "-m pip install awslambdaric boto3"
USED = "import awslambdaric.__main__, boto3, runtime_client"

RETRY_SECONDS = 30
"""How long an unusable interpreter is not tried again; its packages may be installed meanwhile."""

_found: dict[str, Interpreter] = {}
_failures: dict[str, tuple[float, str]] = {}
"""When and why an interpreter was found unusable, by path."""
_searching = threading.Lock()


def is_strict() -> bool:
    """Return whether a missing Python version is an error; raise SettingError."""
    value = os.environ.get(VARIABLE) or ANY
    if value not in (ANY, STRICT):
        raise SettingError(f"{VARIABLE}={value} is invalid. Use {ANY} or {STRICT}.")
    return value == STRICT


def interpreter_of(runtime: str) -> Interpreter:
    """Return an interpreter of exactly this version; raise InterpreterError with the reason.

    The next call searches again for a version that was not found: it may be installed by then.
    """
    own = lambda_interpreter()
    if own.runtime == runtime:
        return own
    with _searching:
        if runtime not in _found:
            _found[runtime] = _search(runtime, own)
            LOG.info("Lambda runs %s as processes of %s", runtime, _found[runtime].path)
        return _found[runtime]


def _search(runtime: str, own: Interpreter) -> Interpreter:
    paths = list(dict.fromkeys(_candidates(runtime)))
    for path in paths:
        if path in _failures and time.monotonic() < _failures[path][0] + RETRY_SECONDS:
            continue
        try:
            return _usable(path, runtime, own)
        except (InterpreterError, OSError) as error:
            _failures[path] = time.monotonic(), str(error)
    reason = "; ".join(_failures[path][1] for path in paths)
    if INSTALL in reason:
        raise InterpreterError(reason)
    raise InterpreterError(
        f"{reason or f'{runtime} is neither on PATH nor in the folders of pyenv and uv'}."
        f" `uv python install {runtime.removeprefix('python')}` installs it"
    )


def _usable(path: str, runtime: str, own: Interpreter) -> Interpreter:
    """Return the interpreter at a path, with packages; raise InterpreterError or OSError."""
    interpreter = examined(path, os.environ)
    if interpreter.runtime != runtime:
        raise InterpreterError(f"{path} is {interpreter.runtime}")
    if interpreter.packages is None:
        interpreter = _with_packages(interpreter, own)
    libraries = ":".join(system_libraries(interpreter))
    try:
        run(interpreter.path, USED, {"LD_LIBRARY_PATH": libraries})
    except InterpreterError as error:
        reason = str(error).replace(interpreter.path, path)
        raise InterpreterError(
            f"{reason}. `{path} {INSTALL}` installs packages of its version"
        ) from error
    return interpreter


def _candidates(runtime: str) -> Iterator[str]:
    """Yield the paths that an interpreter may have."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, runtime)
        if os.path.isabs(path) and os.path.isfile(path) and os.access(path, os.X_OK):
            yield path
    version = runtime.removeprefix("python")
    pyenv = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    uv = os.environ.get("UV_PYTHON_INSTALL_DIR") or os.path.join(data, "uv", "python")
    for pattern in (f"{pyenv}/versions/{version}.*", f"{uv}/cpython-{version}.*"):
        found = glob.glob(os.path.join(pattern, "bin", runtime))
        yield from sorted(found, key=_numbers, reverse=True)


def _numbers(path: str) -> list[int]:
    """Return a key that sorts 3.12.10 after 3.12.9."""
    return [int(each) for each in re.findall(r"\d+", path)]


def _with_packages(interpreter: Interpreter, own: Interpreter) -> Interpreter:
    """Return the interpreter in an environment with the packages of ``own``.

    The environment is a virtual environment, without what the interpreter has installed.
    https://docs.python.org/3/library/venv.html
    """
    assert own.packages is not None
    folder = Path(config.dirs.tmp) / "lambda-pythons" / interpreter.runtime
    shutil.rmtree(folder, ignore_errors=True)
    packages = folder / "lib" / interpreter.runtime / "site-packages"
    packages.mkdir(parents=True)
    shutil.copy(CLIENT, packages)
    (packages / "runtime.pth").write_text(f"{own.packages}\n")
    base = Path(interpreter.base).resolve()  # uv puts links to its interpreters on PATH
    (folder / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\n"
    )
    python = folder / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(base)
    added = examined(str(python), {})
    added.prefixes.append(own.packages)
    return added
