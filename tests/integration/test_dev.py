"""`darkroom dev`, on a copy of this checkout and an emulator of its own."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import httpx
import pytest

from darkroom.emulator.instance import Endpoint
from tests.checkout import Checkout, Session

from .localstack import free_port
from .waiting import wait_for

PROCESS = "processor/handlers/process.py"
MODE = {"MODE": "native", "COMPOSE_PROJECT_NAME": "darkroom-test-of-no-container"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """Give a copy of this checkout, in which the emulator is ended at last."""
    checkout = Checkout(tmp_path_factory.mktemp("dev"))
    yield checkout
    checkout.run("down", **MODE)


@pytest.fixture(scope="module")
def endpoint() -> Endpoint:
    """Give the address of the emulator that `dev` starts."""
    return Endpoint(free_port())


@pytest.fixture(scope="module")
def session(checkout: Checkout, endpoint: Endpoint) -> Iterator[Session]:
    """Give the running command; nothing of it is left in the page afterwards."""
    with Session(checkout, "dev", "--no-logs", f"--port={endpoint.port}", **MODE) as session:
        wait_for(lambda: "Watching" in session.said(), 120)
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
def answer(endpoint: Endpoint) -> Callable[[], Any]:
    """Give a way to invoke the processing function with nothing to do."""
    functions = client(endpoint, "lambda")

    def invoke() -> Any:
        answer = functions.invoke(
            FunctionName="darkroom-process", Payload=json.dumps({"Records": []})
        )
        return json.loads(answer["Payload"].read())

    return invoke


@pytest.fixture
def outputs(endpoint: Endpoint) -> Callable[[], dict[str, str]]:
    """Give a way to ask for the stack's outputs."""

    def ask() -> dict[str, str]:
        stacks = client(endpoint, "cloudformation").describe_stacks(StackName="darkroom")
        return {each["OutputKey"]: each["OutputValue"] for each in stacks["Stacks"][0]["Outputs"]}

    return ask


@pytest.fixture
def site(outputs: Callable[[], dict[str, str]]) -> Callable[[], str]:
    """Give a way to ask for the page's address."""
    return lambda: outputs()["SiteUrl"]


@pytest.fixture
def original(checkout: Checkout, session: Session) -> Iterator[str]:
    """Give the processing function's module as it is, and put it back."""
    text = (checkout.root / PROCESS).read_text()
    yield text
    said = session.said()
    if (checkout.root / PROCESS).read_text() != text:
        checkout.save(PROCESS, text)
        wait_for(lambda: len(session.said()) > len(said), 30)


def handler(text: str, answer: object) -> str:
    """Return the module with a handler that answers just that."""
    return f"{text}\n\ndef handler(_event, _context):\n    return {answer!r}\n"


def test_the_next_invocation_runs_the_new_code(
    checkout: Checkout, session: Session, original: str, answer: Callable[[], Any]
) -> None:
    """A saved source is what the function runs, after a syntax error too, which is shown with its
    place while the old code goes on.
    """
    assert answer() == {"batchItemFailures": []}
    checkout.save(PROCESS, handler(original, "new"))
    wait_for(lambda: answer() == "new", 20)

    checkout.save(PROCESS, original + "\ndef handler(:\n")
    line = len(original.splitlines()) + 2
    wait_for(lambda: f"{PROCESS}:{line}: SyntaxError: invalid syntax" in session.said(), 20)
    assert "go on with the code that they have" in session.said()
    assert answer() == "new"

    checkout.save(PROCESS, handler(original, "mended"))
    wait_for(lambda: answer() == "mended", 20)


def test_a_burst_is_one_update(
    checkout: Checkout, session: Session, original: str, answer: Callable[[], Any]
) -> None:
    """Files that are saved together, in halves, renamed and removed again make one update."""
    before = session.said().count("Updated the functions")
    beside = checkout.root / "processor" / "handlers"
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
    wait_for(lambda: answer() == "burst", 20)
    assert session.said().count("Updated the functions") == before + 1


def test_recipes(checkout: Checkout, session: Session, endpoint: Endpoint) -> None:
    """A recipe that is saved is deployed; one that is not valid is refused with a reason."""
    name = "processor/recipes.json"
    original = (checkout.root / name).read_text()
    recipes = json.loads(original)
    rendition = {"name": "mine", "output": {"format": "webp"}, "resiez": {"width": 10}}
    recipes["mine"] = {"renditions": [rendition]}
    try:
        checkout.save(name, json.dumps(recipes))
        wait_for(lambda: f"{name}: " in session.said() and "resiez" in session.said(), 30)
        rendition["resize"] = rendition.pop("resiez")
        before = session.said().count("Updated the functions")
        checkout.save(name, json.dumps(recipes))
        wait_for(lambda: session.said().count("Updated the functions") > before, 30)
        code = client(endpoint, "lambda").get_function(FunctionName="darkroom-api")
        assert code["Configuration"]["LastUpdateStatus"] == "Successful"
    finally:
        before = session.said().count("Updated the functions")
        checkout.save(name, original)
        wait_for(lambda: session.said().count("Updated the functions") > before, 30)


def test_the_page(checkout: Checkout, session: Session, site: Callable[[], str]) -> None:
    """A saved file is served, after which the mark that open pages look at is another."""
    address = site()
    assert 'src="dev-reload.js"' in httpx.get(f"{address}/").text
    assert httpx.get(f"{address}/dev-reload.js").status_code == httpx.codes.OK

    def mark() -> str:
        answer = httpx.get(f"{address}/dev-mark.txt")
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.text

    before = mark()
    css = (checkout.root / "web_demo" / "css" / "base.css").read_text()
    checkout.save("web_demo/css/base.css", css + "/* saved */\n")
    wait_for(lambda: mark() != before, 20)
    assert httpx.get(f"{address}/css/base.css").text.endswith("/* saved */\n")
    assert "Updated the page" in session.said()


def test_the_template(
    checkout: Checkout,
    session: Session,
    endpoint: Endpoint,
    outputs: Callable[[], dict[str, str]],
) -> None:
    """A template that can't be read, or that CloudFormation would not take, changes nothing and is
    named each time; another one replaces the stack, and before it is told what that resets. One
    that is saved while the code is broken comes when that is mended.
    """
    name = "localstack_init/template.yaml"
    original = (checkout.root / name).read_text()
    code = (checkout.root / PROCESS).read_text()
    before = outputs()
    client(endpoint, "s3").put_object(
        Bucket="darkroom-raw-000000000000-us-east-1", Key="a.txt", Body=b"no picture"
    )
    line = original[: original.index("\nResources:\n")].count("\n") + 2

    def refusals() -> list[str]:
        return re.findall(rf"error: {name}:\d+: while parsing", session.said())

    checkout.save(name, original.replace("\nResources:\n", "\nResources: [\n", 1))
    wait_for(lambda: len(refusals()) == 1, 30)
    checkout.save(name, original.replace("\nResources:\n", "\nResources: [\n", 1))
    wait_for(lambda: len(refusals()) == 2, 30)
    checkout.save(name, original.replace("\nResources:\n", "\nResources:\n  Bad: {Type: 'A::B'}\n"))
    wait_for(lambda: f"error: {name}:{line + 1}: Resource type 'A::B'" in session.said(), 60)
    assert "resets" not in session.said()
    assert outputs() == before

    checkout.save(PROCESS, code + "(")
    wait_for(lambda: f"error: {PROCESS}:" in session.said(), 30)
    checkout.save(name, original.replace("  Darkroom: ", "  My darkroom: ", 1))
    wait_for(lambda: "once the code is whole again" in session.said(), 60)
    assert "resets" not in session.said()
    checkout.save(PROCESS, code)
    wait_for(lambda: "Replaced the stack" in session.said(), 90)
    said = session.said()
    assert re.search(r"resets its buckets \(1 originals", said)
    assert said.index("resets its buckets") < said.index("DELETE_COMPLETE")
    assert "`make demo` puts the sample photographs" in said
    # Another stack, at the same address.
    assert outputs()["Api"] != before["Api"]
    assert outputs()["SiteUrl"] == before["SiteUrl"]
    assert 'src="dev-reload.js"' in httpx.get(f"{before['SiteUrl']}/").text


def test_its_end(checkout: Checkout, session: Session, site: Callable[[], str]) -> None:
    """Ctrl-C leaves the emulator with the page as it is deployed, and nothing else running."""
    address = site()
    said = session.end()
    assert session.process.returncode == 0, said
    assert "Traceback" not in said
    assert httpx.get(f"{address}/").text == (checkout.root / "web_demo/index.html").read_text()
    assert httpx.get(f"{address}/dev-reload.js").status_code != httpx.codes.OK
