"""`darkroom dead` and `redrive`, against a deployed pipeline."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from darkroom.cloud import Cloud
from darkroom.operations.dead_letters import browse_dead_letters
from processor.catalog.entries import Entry
from processor.change import UNKNOWN_SEQUENCER, now
from processor.sqs.reprocess import message_of, new_request

from .conftest import Run

pytestmark = pytest.mark.contract

Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]
Bury = Callable[[str], str]


@pytest.fixture
def bury(cloud: Cloud, drained: Callable[[], None]) -> Iterator[Bury]:
    """Yield a function that sends a message to the dead-letter queue and returns its id."""
    bodies: list[str] = []

    def send(body: str) -> str:
        bodies.append(body)
        queue = cloud.outputs["DeadLetterQueueUrl"]
        return cloud.sqs.send_message(QueueUrl=queue, MessageBody=body)["MessageId"]

    yield send
    drained()
    with browse_dead_letters(cloud) as browser:
        for messages in browser.batches():
            for message in messages:
                if message.body in bodies:
                    browser.delete(message)


@pytest.fixture
def dead(run: Run) -> Callable[[str], dict[str, Any] | None]:
    """Return a function that returns a dead letter by its message id, or None."""

    def look(message_id: str) -> dict[str, Any] | None:
        found = json.loads(run("dead", "--json").stdout)
        return next((each for each in found if each["id"] == message_id), None)

    return look


def request_for(cloud: Cloud, key: str, entry: Entry | None = None) -> str:
    """Return the body of a reprocess request for a key."""
    after = entry["sequencer"] if entry else UNKNOWN_SEQUENCER
    return message_of(cloud.outputs["RawBucket"], new_request(key, now(), after))


def test_dead_letters_are_listed_and_remain(
    cloud: Cloud, run: Run, bury: Bury, prefix: str, dead: Callable[[str], dict[str, Any] | None]
) -> None:
    """Each is listed with its reason, every time, and printed in full by its id."""
    malformed = bury(f"no JSON {prefix}")
    request = bury(request_for(cloud, f"{prefix}a b.jpg"))
    for _ in range(2):
        first, second = dead(malformed), dead(request)
        assert first
        assert second
        assert (first["code"], first["key"]) == ("malformed", None)
        assert (second["code"], second["key"]) == ("no-result", f"{prefix}a b.jpg")
    table = run("dead").stdout
    assert malformed[:8] in table
    assert "malformed: The message is not JSON" in table
    whole = run("dead", "--id", request[:12]).stdout
    assert request in whole
    assert '"eventName": "Requested"' in whole
    assert run("dead", "--limit", "1").stdout.count("\n") < table.count("\n")
    assert "`darkroom dead` lists the reasons" in run("status").stdout


def test_an_unknown_message(run: Run) -> None:
    """The error names the id."""
    done = run("dead", "--id", "nobody")
    assert done.returncode == 1
    assert "no message 'nobody'" in done.stderr


def test_a_superseded_dead_letter(
    cloud: Cloud,
    put: Put,
    outcome: Outcome,
    sample: Sample,
    bury: Bury,
    key: str,
    dead: Callable[[str], dict[str, Any] | None],
) -> None:
    """The reason says that a newer change of the key exists."""
    put(key, sample("flower.jpg"))
    outcome(key)
    found = dead(bury(request_for(cloud, key)))
    assert found
    assert found["code"] == "superseded"


@pytest.mark.parametrize("by", ["key", "reason and key", "id", "everything"])
def test_redrive(
    by: str,
    cloud: Cloud,
    run: Run,
    put: Put,
    outcome: Outcome,
    sample: Sample,
    bury: Bury,
    prefix: str,
    dead: Callable[[str], dict[str, Any] | None],
) -> None:
    """The selected messages return to the queue, and are processed."""
    key = f"{prefix}a.jpg"
    put(key, sample("flower.jpg"))
    before = outcome(key)
    message = bury(request_for(cloud, key, before))
    options = {
        "key": ["--key", f"{prefix}*"],
        "reason and key": ["--reason", "no-result", "--key", f"{prefix}?.jpg"],
        "id": ["--id", message],
        "everything": [],
    }[by]
    tried = run("redrive", *options, "--dry-run")
    assert key in tried.stdout
    assert "would be moved to the queue" in tried.stdout
    assert dead(message)
    assert cloud.catalog.get(key) == before

    done = run("redrive", *options)
    assert done.returncode == 0, done
    assert "moved to the queue" in done.stdout
    assert outcome(key, after=before)["status"] == "done"
    assert not dead(message)


def test_redrive_leaves_the_others(
    run: Run, bury: Bury, prefix: str, dead: Callable[[str], dict[str, Any] | None]
) -> None:
    """A message that the filter does not select remains."""
    message = bury(f"no JSON {prefix}")
    done = run("redrive", "--key", f"{prefix}*")
    assert done.returncode == 0
    assert "No message in the dead-letter queue matches" in done.stdout
    assert dead(message)
