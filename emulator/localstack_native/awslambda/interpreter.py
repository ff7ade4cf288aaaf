"""The Python interpreter that functions run in."""

import functools
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

VARIABLE = "EMULATOR_LAMBDA_PYTHON"
PROBE = """
import importlib.util, json, os, sys, sysconfig
client = importlib.util.find_spec("awslambdaric")
print(json.dumps({
    "path": sys.executable,
    "version": sys.version.split()[0],
    "prefixes": [sys.prefix, sys.base_prefix],
    "base": getattr(sys, "_base_executable", sys.executable),
    "multiarch": sysconfig.get_config_var("MULTIARCH") or "",
    "packages": client and os.path.dirname(os.path.dirname(client.origin)),
    "has_debugger": importlib.util.find_spec("debugpy") is not None,
}))
"""


class InterpreterError(Exception):
    """The interpreter is missing or unusable; the message says what to do."""


@dataclass(frozen=True)
class Interpreter:
    """An interpreter with the packages of AWS's Python runtime (awslambdaric, boto3) and no others.

    Its environment is not LocalStack's: a dependency that is missing from the function's package
    or layers must be missing here, too.
    """

    path: str
    version: str
    prefixes: list[str]
    """The folders of the environment and of its base Python."""
    base: str
    """The executable of the base Python."""
    multiarch: str
    """The name of the folder with the system's libraries; empty on distributions without one."""
    packages: str | None
    """The folder with awslambdaric; None if it is not installed."""
    has_debugger: bool

    @property
    def runtime(self) -> str:
        """The runtime's name on AWS, such as ``python3.13``."""
        major, minor = self.version.split(".")[:2]
        return f"python{major}.{minor}"


def run(path: str, code: str, environment: Mapping[str, str] | None = None) -> str:
    """Return what an interpreter prints for a piece of code; raise InterpreterError if it fails."""
    try:
        return subprocess.run(
            [path, "-I", "-c", code],
            capture_output=True,
            check=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=60,
            env=environment,
        ).stdout
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or [f"exit status {error.returncode}"]
        reason = lines[-1 if lines[0].startswith("Traceback") else 0]
        raise InterpreterError(f"{path} does not work ({reason})") from error
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
        raise InterpreterError(f"{path} does not work ({error})") from error


def examined(path: str, environment: Mapping[str, str] | None = None) -> Interpreter:
    """Return what an interpreter says about itself; raise InterpreterError if it does not run."""
    printed = run(path, PROBE, environment)
    try:
        return Interpreter(**json.loads(printed))
    except (TypeError, ValueError) as error:
        raise InterpreterError(f"{path} is not Python") from error


@functools.cache
def lambda_interpreter() -> Interpreter:
    """Return the interpreter that EMULATOR_LAMBDA_PYTHON names; raise InterpreterError."""
    path = os.environ.get(VARIABLE, "")
    if not path:
        raise InterpreterError(
            f"{VARIABLE} is not set. Set it to the Python interpreter for Lambda functions, with"
            " awslambdaric and boto3 installed."
        )
    if not os.access(path, os.X_OK) or not os.path.isfile(path):
        raise InterpreterError(f"{VARIABLE}={path} is not an executable file.")
    # Links are not resolved: a virtual environment is found by the path in its bin folder.
    path = os.path.abspath(path)
    try:
        interpreter = examined(path)
    except InterpreterError as error:
        raise InterpreterError(f"{VARIABLE}={error}") from error
    if interpreter.packages is None:
        raise InterpreterError(
            f"{VARIABLE}={path} can't import awslambdaric, AWS's runtime client."
            f" Install it: {path} -m pip install awslambdaric boto3"
        )
    return interpreter
