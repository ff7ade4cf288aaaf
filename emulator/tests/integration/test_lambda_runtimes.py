"""Functions that need another Python version than that of EMULATOR_LAMBDA_PYTHON."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.speed import LIMIT

from .functions import Functions
from .localstack import LAMBDA_PYTHON, LocalStack
from .waiting import wait_for

PRETENDER = """\
#!/bin/sh
export PRETENDER={name}
case "$*" in
*find_spec*) {python} "$@" | {sed} 's|"version": "[^"]*"|"version": "{version}"|
    s|"path": "[^"]*"|"path": "'"$0"'"|' ;;
*) exec {python} "$@" ;;
esac
"""
"""A program that runs Python and claims another version."""

CODE = """
import os, sys
def handler(event, context):
    if event == "exit": os._exit(3)
    if event == "raise": raise ValueError("no")
    import boto3
    account = boto3.client("sts").get_caller_identity()["Account"]
    version = "%d.%d" % sys.version_info[:2]
    return [os.environ.get("PRETENDER"), version, account, os.environ["AWS_EXECUTION_ENV"]]
"""


def create_interpreter(folder: Path, version: str) -> Path:
    """Create a program that reports a version and has the packages of AWS's runtime."""
    name = f"python{version}"
    path = folder / name
    values = {"name": name, "python": LAMBDA_PYTHON, "sed": shutil.which("sed")}
    path.write_text(PRETENDER.format(version=f"{version}.9", **values))
    path.chmod(0o755)
    return path


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a PATH with few programs: python3.11, two that don't work, and this Python."""
    folder = tmp_path_factory.mktemp("programs")
    create_interpreter(folder, "3.11")
    unfit = create_interpreter(folder, "3.8")
    failure = "*awslambdaric.__main__*) echo 'No module named boto3' >&2; exit 1 ;;\n*find_spec*)"
    unfit.write_text(unfit.read_text().replace("*find_spec*)", failure))
    (folder / "python3.10").write_text("#!/bin/sh\necho 'No such version' >&2\nexit 127\n")
    (folder / "python3.10").chmod(0o755)
    (folder / "python3.13").symlink_to(Path(sys.executable).resolve())
    (folder / "setpriv").symlink_to(shutil.which("setpriv") or "")
    return folder


@pytest.fixture(scope="module")
def localstack(machine: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Yield a LocalStack whose own interpreter claims to be 3.12."""
    own = create_interpreter(tmp_path_factory.mktemp("own"), "3.12")
    root = tmp_path_factory.mktemp("localstack")
    settings = {"PATH": str(machine), "EMULATOR_LAMBDA_PYTHON": str(own)}
    with LocalStack(root, **settings) as localstack:
        localstack.wait_until_healthy()
        yield localstack


@pytest.fixture(scope="module")
def functions(localstack: LocalStack) -> Functions:
    """Return a maker of functions in this LocalStack."""
    return Functions(localstack, "r")


@pytest.mark.parametrize("version", ["3.11", "3.12"])
def test_a_function_runs_on_its_version(functions: Functions, version: str) -> None:
    """A function runs on the interpreter of its version, from PATH or the emulator's own."""
    result = functions.make(CODE, runtime=f"python{version}").invoke()
    name = f"python{version}"
    assert result.payload == [name, "3.13", "000000000000", f"AWS_Lambda_{name}"]
    assert f"INIT_START Runtime Version: {version}.9\n" in result.log
    assert "WARNING" not in result.log


def test_an_interpreter_without_packages(functions: Functions) -> None:
    """An interpreter without awslambdaric runs functions, with their errors and crashes, and
    without its own packages.
    """
    code = CODE.replace("import boto3", "import boto3; assert 'pytest' not in sys.modules", 1)
    function = functions.make(code, runtime="python3.13")
    expected = [None, "3.13", "000000000000", "AWS_Lambda_python3.13"]
    result = function.invoke()
    assert result.payload == expected
    assert "WARNING" not in result.log
    failed = function.invoke("raise")
    assert (failed.error, failed.payload["errorType"]) == ("Unhandled", "ValueError")
    assert function.invoke("exit").payload["errorType"] == "Runtime.ExitError"
    assert function.invoke().payload == expected
    source = "import sys\ndef handler(event, context): return [sys.prefix, sys.path]"
    prefix, path = functions.make(source, runtime="python3.13").invoke().payload
    installed = [each for each in path if each.endswith("site-packages")]
    assert installed[-2:] == [
        f"{prefix}/lib/python3.13/site-packages",
        str(LAMBDA_PYTHON.parents[1] / "lib/python3.13/site-packages"),
    ]


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("3.10", "python3.10 does not work (No such version). `uv python install 3.10` installs"),
        ("3.8", "-m pip install awslambdaric boto3` installs packages of its version"),
        ("3.9", "python3.9 is neither on PATH nor in the folders of pyenv and uv"),
    ],
)
def test_a_missing_version_is_replaced(
    localstack: LocalStack, functions: Functions, version: str, reason: str
) -> None:
    """The function runs on the emulator's version, and its log has the reason once."""
    function = functions.make(CODE, runtime=f"python{version}")
    result = function.invoke()
    assert result.payload == ["python3.12", "3.13", "000000000000", f"AWS_Lambda_python{version}"]
    (warning,) = [line for line in result.log.splitlines() if "WARNING" in line]
    assert f"needs python{version}, but runs on python3.12: " in warning
    assert reason in warning
    assert "EMULATOR_LAMBDA_RUNTIMES=strict" in warning
    function.invoke("exit")
    function.invoke()
    logs = localstack.client("logs")

    def messages() -> list[str]:
        found = logs.filter_log_events(logGroupName=f"/aws/lambda/{function.name}")["events"]
        return [event["message"] for event in found]

    wait_for(lambda: sum(each.startswith("REPORT") for each in messages()) == 3)
    assert sum("WARNING" in each for each in messages()) == 1


def test_a_version_can_be_installed_later(machine: Path, functions: Functions) -> None:
    """A function runs on its version as soon as that is installed."""
    function = functions.make(CODE, runtime="python3.14")
    assert function.invoke().payload[0] == "python3.12"
    create_interpreter(machine, "3.14")
    function.client.update_function_configuration(FunctionName=function.name, Timeout=20)
    function.wait_until_updated()
    assert function.invoke().payload[0] == "python3.14"


def test_a_missing_version_can_be_an_error(machine: Path, own_root: Path) -> None:
    """With EMULATOR_LAMBDA_RUNTIMES=strict, each invocation fails with the same clear error."""
    settings = {"PATH": str(machine), "EMULATOR_LAMBDA_RUNTIMES": "strict"}
    with LocalStack(own_root, **settings) as localstack:
        localstack.wait_until_healthy()
        function = Functions(localstack).make(CODE, runtime="python3.9")
        results = [function.invoke() for _ in range(2)]
        message = results[0].payload["errorMessage"]
        assert "needs python3.9: python3.9 is neither on PATH nor" in message
        assert "`uv python install 3.9` installs it" in message
        for result in results:
            assert result.error == "Unhandled"
            assert result.payload == {"errorType": "Runtime.Unsupported", "errorMessage": message}
            assert message in result.log


def test_an_invalid_value_ends_the_start(own_root: Path) -> None:
    """The error quotes a value that is neither any nor strict."""
    with LocalStack(own_root, EMULATOR_LAMBDA_RUNTIMES="some") as localstack:
        assert localstack.process.wait(LIMIT) != 0
        assert "EMULATOR_LAMBDA_RUNTIMES=some is invalid" in localstack.log_text()
