"""The Python that functions run in."""

import functools
import json
import os
import subprocess
from dataclasses import dataclass

VARIABLE = "EMULATOR_LAMBDA_PYTHON"
QUESTION = """
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
    """There is no usable interpreter; the message says what to do."""


@dataclass(frozen=True)
class Interpreter:
    """An interpreter with what AWS's Python runtime holds (awslambdaric, boto3), and no more.

    An environment of its own, and not LocalStack's, so that a dependency that is missing from the
    function's package or layers is missing here too.
    """

    path: str
    version: str
    prefixes: list[str]
    """The environment's folder and that of the Python it was made from."""
    multiarch: str
    """The name of the folder with the system's libraries, on distributions that have one."""
    has_debugger: bool

    @property
    def runtime(self) -> str:
        """AWS's name for what it runs, like ``python3.13``."""
        major, minor = self.version.split(".")[:2]
        return f"python{major}.{minor}"


@functools.cache
def lambda_interpreter() -> Interpreter:
    """Return the interpreter that the environment names, or raise InterpreterError."""
    path = os.environ.get(VARIABLE, "")
    if not path:
        raise InterpreterError(
            f"{VARIABLE} is not set. Lambda functions run as processes of the Python that it names,"
            " one that has awslambdaric and boto3 installed."
        )
    if not os.access(path, os.X_OK) or not os.path.isfile(path):
        raise InterpreterError(f"{VARIABLE}={path} is not an executable file.")
    try:
        answer = subprocess.run(
            [path, "-I", "-c", QUESTION], capture_output=True, check=True, timeout=30
        )
        facts = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise InterpreterError(f"{VARIABLE}={path} is not a working Python: {error}") from error
    if not facts.pop("has_client"):
        raise InterpreterError(
            f"{VARIABLE}={path} can't import awslambdaric, AWS's runtime client;"
            f" install it there: {path} -m pip install awslambdaric boto3"
        )
    # Not resolved: the name in an environment's bin folder is what makes it that environment.
    return Interpreter(path=os.path.abspath(path), **facts)
