"""`darkroom webhooks`: errors that say what was wrong, and what to do."""

import re
from pathlib import Path

import pytest

from darkroom.cloud import Cloud
from darkroom.commands import webhooks
from darkroom.errors import CommandError
from tests.unit.darkroom.commands.running import run

SIGNED = ("--id", "a", "--timestamp", "1", "--signature", "v1,abc")


@pytest.fixture
def _deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deploy a stack with webhooks, none of which has failed."""
    monkeypatch.setattr(Cloud, "find", lambda _: Cloud({"WebhookSecret": "name"}))
    monkeypatch.setattr(webhooks, "replay", lambda _cloud, _event: 0)


def test_a_stack_without_webhooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has the command that names a receiver."""
    monkeypatch.setattr(Cloud, "find", lambda _: Cloud({}))
    with pytest.raises(CommandError, match=r"`darkroom deploy --param WebhookUrl=https://"):
        run("webhooks", "list")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["list", "--id", "a"], "--id can't be combined with list"),
        (["secret", "--timestamp", "1"], "--timestamp can't be combined with secret"),
        (["replay", __file__], "BODY can't be combined with replay"),
        (["verify", __file__, "--id", "a"], "verify needs BODY, --id, --timestamp and"),
    ],
)
def test_options_of_another_action(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An option that has no effect, or is missing, is refused before the stack is looked up."""
    monkeypatch.setenv("COLUMNS", "160")
    done = run("webhooks", *arguments)
    assert done.exit_code == 2
    assert message in done.output


def test_a_body_that_is_no_file(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(CommandError, match=re.escape(f"No such file: {tmp_path / 'body.json'}")):
        run("webhooks", "verify", tmp_path / "body.json", *SIGNED)
    with pytest.raises(CommandError, match=re.escape(f"Not a file: {tmp_path}")):
        run("webhooks", "verify", tmp_path, *SIGNED)


@pytest.mark.usefixtures("_deployed")
def test_replays() -> None:
    """An ID that no failed event has is an error; without one, there may be none to send."""
    assert run("webhooks", "replay").stdout == "0 events will be sent again.\n"
    with pytest.raises(CommandError, match="No failed event has the ID 'b'"):
        run("webhooks", "replay", "--id", "b")
