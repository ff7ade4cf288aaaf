"""`darkroom dev`, on a copy of this checkout and an emulator of its own."""

import json
import re
import signal
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import httpx
import pytest

from darkroom.emulator.endpoint import Endpoint
from tests.checkout import Checkout, Session

from .localstack import free_port
from .waiting import wait_for

PROCESS = "processor/handlers/process.py"
MODE = {"MODE": "native", "COMPOSE_PROJECT_NAME": "darkroom-test-of-no-container"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """Yield a copy of this checkout, and stop its emulator at the end."""
    checkout = Checkout(tmp_path_factory.mktemp("dev"))
    yield checkout
    checkout.run("down", **MODE)


@pytest.fixture(scope="module")
def endpoint() -> Endpoint:
    """Return the endpoint of the emulator that `dev` starts."""
    return Endpoint(free_port())


@pytest.fixture(scope="module")
def session(checkout: Checkout, endpoint: Endpoint) -> Iterator[Session]:
    """Yield the running command."""
    with Session(checkout, "dev", "--no-logs", f"--port={endpoint.port}", **MODE) as session:
        wait_for(lambda: "Watching" in session.said())
        yield session


def client(endpoint: Endpoint, service: str) -> Any:
    """Return a boto3 client of the emulator."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=endpoint.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture
def invoke(endpoint: Endpoint) -> Callable[[], Any]:
    """Return a function that invokes the processing function without messages."""
    functions = client(endpoint, "lambda")

    def call() -> Any:
        response = functions.invoke(
            FunctionName="darkroom-process", Payload=json.dumps({"Records": []})
        )
        return json.loads(response["Payload"].read())

    return call


@pytest.fixture
def outputs(endpoint: Endpoint) -> Callable[[], dict[str, str]]:
    """Return a function that returns the stack's outputs."""

    def read() -> dict[str, str]:
        stacks = client(endpoint, "cloudformation").describe_stacks(StackName="darkroom")
        return {each["OutputKey"]: each["OutputValue"] for each in stacks["Stacks"][0]["Outputs"]}

    return read


@pytest.fixture
def site(outputs: Callable[[], dict[str, str]]) -> Callable[[], str]:
    """Return a function that returns the page's address."""
    return lambda: outputs()["SiteUrl"]


@pytest.fixture
def original(checkout: Checkout, session: Session) -> Iterator[str]:
    """Yield the text of the processing function's module, and restore it at the end."""
    text = (checkout.root / PROCESS).read_text()
    yield text
    if (checkout.root / PROCESS).read_text() != text:
        before = session.said().count("Updated the functions")
        checkout.save(PROCESS, text)
        wait_for(lambda: session.said().count("Updated the functions") > before)


def handler(text: str, value: object) -> str:
    """Return the module with a handler that returns a constant."""
    return f"{text}\n\ndef handler(_event, _context):\n    return {value!r}\n"


def test_the_next_invocation_runs_the_new_code(
    checkout: Checkout, session: Session, original: str, invoke: Callable[[], Any]
) -> None:
    """The function runs a saved source; a syntax error is reported with its place, and the function
    keeps its code until the repair.
    """
    assert invoke() == {"batchItemFailures": []}
    checkout.save(PROCESS, handler(original, "new"))
    wait_for(lambda: invoke() == "new")

    checkout.save(PROCESS, original + "\ndef handler(:\n")
    line = len(original.splitlines()) + 2
    wait_for(lambda: f"{PROCESS}:{line}: SyntaxError: invalid syntax" in session.said())
    assert "The functions still run the previous code" in session.said()
    assert invoke() == "new"

    before = session.said().count("Updated the functions")
    checkout.save(PROCESS, handler(original, "repaired"))
    wait_for(lambda: invoke() == "repaired")
    # The terminal says so after the functions have changed.
    wait_for(lambda: session.said().count("Updated the functions") > before)


def test_a_burst_is_one_update(
    checkout: Checkout, session: Session, original: str, invoke: Callable[[], Any]
) -> None:
    """Files that are saved together, in parts, renamed and deleted again cause one update."""
    before = session.said().count("Updated the functions")
    beside = checkout.root / "processor" / "handlers"
    # It sees them together, however slow this is. test_file_events.py has pauses between them.
    session.process.send_signal(signal.SIGSTOP)
    (beside / "4913").touch()
    (beside / "process.py").write_text(original[:200])
    for number in range(20):
        (beside / f".process.py.{number}.swp").write_text("half of (")
        (beside / f"new_{number}.py").write_text("NEW = 1\n")
        (beside / f"new_{number}.py").rename(beside / f"other_{number}.py")
    (beside / "process.py").write_text(handler(original, "burst"))
    for number in range(20):
        (beside / f"other_{number}.py").unlink()
    (beside / "4913").unlink()
    session.process.send_signal(signal.SIGCONT)
    wait_for(lambda: invoke() == "burst")
    wait_for(lambda: session.said().count("Updated the functions") > before)
    assert session.said().count("Updated the functions") == before + 1


def test_recipes(checkout: Checkout, session: Session, endpoint: Endpoint) -> None:
    """A saved recipe is deployed; an invalid one is reported with the reason."""
    name = "processor/recipes.json"
    original = (checkout.root / name).read_text()
    recipes = json.loads(original)
    rendition = {"name": "mine", "output": {"format": "webp"}, "resiez": {"width": 10}}
    recipes["mine"] = {"renditions": [rendition]}
    try:
        checkout.save(name, json.dumps(recipes))
        wait_for(lambda: f"{name}: " in session.said() and "resiez" in session.said())
        rendition["resize"] = rendition.pop("resiez")
        before = session.said().count("Updated the functions")
        checkout.save(name, json.dumps(recipes))
        wait_for(lambda: session.said().count("Updated the functions") > before)
        code = client(endpoint, "lambda").get_function(FunctionName="darkroom-api")
        assert code["Configuration"]["LastUpdateStatus"] == "Successful"
    finally:
        before = session.said().count("Updated the functions")
        checkout.save(name, original)
        wait_for(lambda: session.said().count("Updated the functions") > before)


def test_the_page(checkout: Checkout, session: Session, site: Callable[[], str]) -> None:
    """A saved file is served, and the version file that open pages request changes."""
    address = site()
    assert 'src="dev-reload.js"' in httpx.get(f"{address}/").text
    assert httpx.get(f"{address}/dev-reload.js").status_code == httpx.codes.OK

    def version() -> str:
        response = httpx.get(f"{address}/dev-version.txt")
        assert response.headers["Cache-Control"] == "no-store"
        return response.text

    before = version()
    css = (checkout.root / "web_demo" / "css" / "base.css").read_text()
    checkout.save("web_demo/css/base.css", css + "/* saved */\n")
    wait_for(lambda: version() != before)
    assert httpx.get(f"{address}/css/base.css").text.endswith("/* saved */\n")
    assert "Updated the page" in session.said()


def test_the_template(
    checkout: Checkout,
    session: Session,
    endpoint: Endpoint,
    outputs: Callable[[], dict[str, str]],
) -> None:
    """A template that does not parse, or that CloudFormation would reject, is reported each time
    and changes nothing; a valid one updates the stack in place. One that is saved while the code
    has an error is deployed after the repair.
    """
    name = "localstack_init/template.yaml"
    original = (checkout.root / name).read_text()
    code = (checkout.root / PROCESS).read_text()
    before = outputs()
    client(endpoint, "s3").put_object(Bucket=before["RawBucket"], Key="a.txt", Body=b"no image")
    line = original[: original.index("\nResources:\n")].count("\n") + 2

    def errors() -> list[str]:
        return re.findall(rf"error: {name}:\d+: while parsing", session.said())

    checkout.save(name, original.replace("\nResources:\n", "\nResources: [\n", 1))
    wait_for(lambda: len(errors()) == 1)
    checkout.save(name, original.replace("\nResources:\n", "\nResources: [\n", 1))
    wait_for(lambda: len(errors()) == 2)
    checkout.save(name, original.replace("\nResources:\n", "\nResources:\n  Bad: {Type: 'A::B'}\n"))
    wait_for(lambda: f"error: {name}:{line + 1}: Resource type 'A::B'" in session.said())
    assert "Updating the stack" not in session.said()
    assert outputs() == before

    checkout.save(PROCESS, code + "(")
    wait_for(lambda: f"error: {PROCESS}:" in session.said())
    larger = original.replace("MemorySize: !Ref ApiMemory", "MemorySize: 640", 1)
    assert larger != original
    checkout.save(name, larger)
    wait_for(lambda: "when the code compiles again" in session.said())
    assert "Updating the stack" not in session.said()
    checkout.save(PROCESS, code)
    wait_for(lambda: "Updated the stack" in session.said())
    output = session.said()
    assert re.search(r"UPDATE_COMPLETE +AWS::Lambda::Function +ApiFunction", output)
    assert "DELETE" not in output
    assert outputs() == before
    raw = before["RawBucket"]
    assert client(endpoint, "s3").head_object(Bucket=raw, Key="a.txt")
    assert 'src="dev-reload.js"' in httpx.get(f"{before['SiteUrl']}/").text


def test_the_end(checkout: Checkout, session: Session, site: Callable[[], str]) -> None:
    """Ctrl-C restores the deployed page, and leaves the emulator running."""
    address = site()
    output = session.end()
    assert session.process.returncode == 0, output
    assert "Traceback" not in output
    assert httpx.get(f"{address}/").text == (checkout.root / "web_demo/index.html").read_text()
    assert httpx.get(f"{address}/dev-reload.js").status_code != httpx.codes.OK
