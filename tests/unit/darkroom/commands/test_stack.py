"""What a person reads before and instead of a deployment."""

import os

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.httpsession import URLLib3Session
from rich.console import Console

from darkroom.cli import main
from darkroom.commands.stack import _place
from darkroom.terminal import tables
from localstack_init.change_set import Change, Difference

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away all that tells AWS's clients who and where they are."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def unreachable(_session: URLLib3Session, request: object) -> None:
    """Fail as a name does that nobody knows."""
    raise EndpointConnectionError(endpoint_url=getattr(request, "url", ""))


@pytest.mark.parametrize("command", ["deploy", "diff", "outputs", "destroy"])
@pytest.mark.parametrize(
    ("options", "environment", "messages"),
    [
        (("--region", "eu-west-1"), {}, ("Unable to locate credentials. ", "aws sso login")),
        ((), CREDENTIALS, ("You must specify a region", "emulator.env")),
        (("--profile", "nobody"), CREDENTIALS, ("profile (nobody) could not be found",)),
        (
            ("--region", "eu-wset-1"),
            CREDENTIALS,
            ("Could not connect", "Is that an AWS region, and is there a network?"),
        ),
        (
            ("--region", "eu-west-1"),
            {**CREDENTIALS, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
            ("127.0.0.1:9", "`make up` starts it"),
        ),
    ],
)
def test_nowhere_to_go(
    command: str,
    options: tuple[str, ...],
    environment: dict[str, str],
    messages: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without credentials, a region or a network, one sentence says what is missing."""
    monkeypatch.setattr(URLLib3Session, "send", unreachable)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["darkroom", command, *options])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert all(message in said for message in messages), said


@pytest.mark.parametrize(
    ("endpoint", "region", "place"),
    [
        (None, "eu-west-1", "AWS, account 1, region eu-west-1"),
        (None, "cn-north-1", "AWS, account 1, region cn-north-1"),
        (
            "http://127.0.0.1:4566",
            "us-east-1",
            "http://127.0.0.1:4566, account 1, region us-east-1",
        ),
        (
            "https://amazonaws.com.example",
            "us-east-1",
            "https://amazonaws.com.example, account 1, region us-east-1",
        ),
    ],
)
def test_where_it_goes(
    endpoint: str | None, region: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The endpoint is named unless it is AWS's own."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("cloudformation", region_name=region, endpoint_url=endpoint)

    class Sts:
        def get_caller_identity(self) -> dict[str, str]:
            return {"Account": "1", "Arn": "arn:aws:iam::1:user/somebody"}

    monkeypatch.setattr(boto3, "client", lambda name: Sts() if name == "sts" else client)
    assert _place() == (place, "arn:aws:iam::1:user/somebody")


def shown(parameters: list[Difference], changes: list[Change]) -> list[str]:
    """The table's lines, with single spaces."""
    console = Console(width=200)
    with console.capture() as capture:
        console.print(tables.changes(parameters, changes))
    return [" ".join(line.split()) for line in capture.get().splitlines()]


@pytest.mark.parametrize(
    ("difference", "line"),
    [
        (Difference("MemorySize", "512", "1024"), "MemorySize: 512 → 1024"),
        (Difference("Aliases", None, ["[a]"]), 'Aliases: none → ["[a]"]'),
        (Difference("Aliases", None, None), "Aliases"),
        (Difference("Comment", "", "new"), "Comment: none → new"),
        (
            Difference("Csp", "x" * 100 + "-a" + "y" * 100, "x" * 100 + "-b" + "y" * 100),
            f"Csp: …{'x' * 19}-a{'y' * 39}… → …{'x' * 19}-b{'y' * 39}…",
        ),
    ],
)
def test_a_property_that_changes(difference: Difference, line: str) -> None:
    """Both values, where the cloud tells them; of long ones the place where they differ."""
    change = Change("Modify", "Api", "AWS::ApiGateway::RestApi", differences=(difference,))
    assert shown([], [change]) == [f"~ Api ApiGateway::RestApi {line}"]


def test_a_table_of_changes() -> None:
    """Parameters come first; the mark says what becomes of a resource."""
    kind = "AWS::SQS::Queue"
    changes = [
        Change("Add", "New", kind),
        Change("Remove", "Old", kind),
        Change("Modify", "Same", kind),
        Change("Modify", "Another", kind, "True"),
        Change("Modify", "Perhaps", kind, "Conditional"),
    ]
    assert shown([Difference("BatchSize", "10", "5")], changes) == [
        "~ BatchSize parameter 10 → 5",
        "+ New SQS::Queue",
        "- Old SQS::Queue",
        "~ Same SQS::Queue",
        "± Another SQS::Queue",
        "±? Perhaps SQS::Queue",
    ]
