"""Environment variables of a function's runtime process."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localstack_native.awslambda.interpreter import Interpreter

# LocalStack's containers and AWS's runtime interface emulator set these; AWS Lambda does not.
NOT_ON_AWS = ("LOCALSTACK_", "EDGE_PORT", "AWS_LAMBDA_FUNCTION_TIMEOUT")


@dataclass(frozen=True)
class Roots:
    """The folders of a function's code and layers; ``/var/task`` and ``/opt`` on AWS."""

    task: Path
    opt: Path


def system_libraries(interpreter: Interpreter) -> list[str]:
    """Return the folders of the system's libraries."""
    folders = ["/lib64", "/usr/lib64"]
    if interpreter.multiarch:
        folders += [f"/lib/{interpreter.multiarch}", f"/usr/lib/{interpreter.multiarch}"]
    return folders


def runtime_variables(
    platform: Mapping[str, str],
    own: Mapping[str, str],
    *,
    roots: Roots,
    runtime: str,
    interpreter: Interpreter,
    runtime_api: str,
) -> dict[str, str]:
    """Return all variables of a runtime process, which inherits none of LocalStack's.

    ``platform`` are the variables that LocalStack sets for every executor, ``own`` those of the
    function's configuration, which take precedence. As on AWS, reserved names are refused earlier.
    ``runtime`` is the function's, which the interpreter's version may differ from.
    """
    task, opt = str(roots.task), str(roots.opt)
    site_packages = f"{opt}/python/lib/{runtime}/site-packages"
    variables = {
        name: str(value) for name, value in platform.items() if not name.startswith(NOT_ON_AWS)
    }
    variables |= {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
        "LAMBDA_TASK_ROOT": task,
        "LAMBDA_RUNTIME_DIR": interpreter.prefixes[0],
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": f"{Path(interpreter.path).parent}:/usr/local/bin:/usr/bin:/bin:{opt}/bin",
        # The system's libraries come first, as on AWS: a layer can't replace libz, for example.
        "LD_LIBRARY_PATH": ":".join(
            [*system_libraries(interpreter), task, f"{task}/lib", f"{opt}/lib"]
        ),
        "PYTHONPATH": ":".join([task, site_packages, f"{opt}/python"]),
    }
    paths = variables["PYTHONPATH"]
    variables |= {name: str(value) for name, value in own.items()}
    if "PYTHONPATH" in own:
        variables["PYTHONPATH"] = f"{paths}:{own['PYTHONPATH']}"
    variables["AWS_LAMBDA_RUNTIME_API"] = runtime_api
    return variables
