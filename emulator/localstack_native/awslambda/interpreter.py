"""The Python interpreter that functions run in."""

import functools
import json
import os
import subprocess
from dataclasses import dataclass

VARIABLE = "EMULATOR_LAMBDA_PYTHON"
PROBE = """
import importlib.util, json, sys, sysconfig
print(json.dumps({
    "version": sys.version.split()[0],
    "prefixes": [sys.prefix, sys.base_prefix],
    "multiarch": sysconfig.get_config_var("MULTIARCH") or "",
    "has_client": importlib.util.find_spec("awslambdaric") is not None,
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
    multiarch: str
    """The name of the folder with the system's libraries; empty on distributions without one."""
    has_debugger: bool

    @property
    def runtime(self) -> str:
        """The runtime's name on AWS, such as ``python3.13``."""
        major, minor = self.version.split(".")[:2]
        return f"python{major}.{minor}"


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
    try:
        result = subprocess.run(
            [path, "-I", "-c", PROBE], capture_output=True, check=True, timeout=30
        )
        facts = json.loads(result.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise InterpreterError(f"{VARIABLE}={path} is not a working Python: {error}") from error
    if not facts.pop("has_client"):
        raise InterpreterError(
            f"{VARIABLE}={path} can't import awslambdaric, AWS's runtime client."
            f" Install it: {path} -m pip install awslambdaric boto3"
        )
    # Links are not resolved: a virtual environment is found by the path in its bin folder.
    return Interpreter(path=os.path.abspath(path), **facts)
