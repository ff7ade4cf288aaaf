"""Deployment commands without credentials, a region or a network."""

import os

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.httpsession import URLLib3Session

from darkroom.cli import main

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove every configuration of AWS clients."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def unreachable(_session: URLLib3Session, request: object) -> None:
    """Fail as a host name that does not exist."""
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
            ("Could not connect", "Check the name of the Region"),
        ),
        (
            ("--region", "eu-west-1"),
            {**CREDENTIALS, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
            ("127.0.0.1:9", "run `make up`"),
        ),
    ],
)
def test_missing_configuration(
    command: str,
    options: tuple[str, ...],
    environment: dict[str, str],
    messages: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One error says what is missing, and what to do."""
    monkeypatch.setattr(URLLib3Session, "send", unreachable)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["darkroom", command, *options])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    error = capsys.readouterr().err
    assert all(message in error for message in messages), error
