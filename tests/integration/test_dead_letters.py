"""Dead letters: looked at, and sent back."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from darkroom.cloud import Cloud
from darkroom.operations.dead_letters import dead_letters
from processor.catalog.entries import Entry
from processor.change import UNKNOWN_SEQUENCER, now
from processor.sqs.reprocess import message_of, new_request

from .conftest import Run

Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]
Bury = Callable[[str], str]


@pytest.fixture
def bury(cloud: Cloud, drained: Callable[[], None]) -> Iterator[Bury]:
    """Give a way to put a message into the dead-letter queue, which answers its id."""
    bodies: list[str] = []

    def send(body: str) -> str:
        bodies.append(body)
        queue = cloud.outputs["DeadLetterQueueUrl"]
        return cloud.sqs.send_message(QueueUrl=queue, MessageBody=body)["MessageId"]

    yield send
    drained()
    with dead_letters(cloud) as loan:
        for letters in loan.batches():
            for letter in letters:
                if letter.body in bodies:
                    loan.delete(letter)


@pytest.fixture
def dead(run: Run) -> Callable[[str], dict[str, Any] | None]:
    """Give a way to look at a message in the dead-letter queue; None where it is not there."""

    def look(message_id: str) -> dict[str, Any] | None:
        found = json.loads(run("dead", "--json").stdout)
        return next((each for each in found if each["id"] == message_id), None)

    return look


def request_for(cloud: Cloud, key: str, entry: Entry | None = None) -> str:
    """The body of a request for a key."""
    after = entry["sequencer"] if entry else UNKNOWN_SEQUENCER
    return message_of(cloud.outputs["RawBucket"], new_request(key, now(), after))


def test_dead_letters_are_shown_and_stay(
    cloud: Cloud, run: Run, bury: Bury, prefix: str, dead: Callable[[str], dict[str, Any] | None]
) -> None:
    """Each is listed with its reason, however often one looks, and in full by its id."""
    malformed = bury(f"no JSON {prefix}")
    request = bury(request_for(cloud, f"{prefix}a b.jpg"))
    for _ in range(2):
        first, second = dead(malformed), dead(request)
        assert first
        assert second
        assert (first["code"], first["key"]) == ("malformed", None)
        assert (second["code"], second["key"]) == ("no-word", f"{prefix}a b.jpg")
    table = run("dead").stdout
    assert malformed[:8] in table
    assert "malformed: The message is not JSON" in table
    whole = run("dead", "--id", request[:12]).stdout
    assert request in whole
    assert '"eventName": "Requested"' in whole
    assert run("dead", "--limit", "1").stdout.count("\n") < table.count("\n")
    assert "`darkroom dead` says why" in run("status").stdout


def test_a_dead_letter_that_is_not_there(run: Run) -> None:
    """An id that no message has is answered with one sentence."""
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
    """The reason says that nothing is left to do where something newer is known of the key."""
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
    """The messages that were asked for go back, and what they ask for is done."""
    key = f"{prefix}a.jpg"
    put(key, sample("flower.jpg"))
    before = outcome(key)
    message = bury(request_for(cloud, key, before))
    options = {
        "key": ["--key", f"{prefix}*"],
        "reason and key": ["--reason", "no-word", "--key", f"{prefix}?.jpg"],
        "id": ["--id", message],
        "everything": [],
    }[by]
    tried = run("redrive", *options, "--dry-run")
    assert key in tried.stdout
    assert "would go back to the queue" in tried.stdout
    assert dead(message)
    assert cloud.catalog.get(key) == before

    done = run("redrive", *options)
    assert done.returncode == 0, done
    assert "went back to the queue" in done.stdout
    assert outcome(key, after=before)["status"] == "done"
    assert not dead(message)


def test_redrive_leaves_the_others(
    run: Run, bury: Bury, prefix: str, dead: Callable[[str], dict[str, Any] | None]
) -> None:
    """A message that is not like what was asked for stays where it is."""
    message = bury(f"no JSON {prefix}")
    done = run("redrive", "--key", f"{prefix}*")
    assert done.returncode == 0
    assert "No message in the dead-letter queue is like that" in done.stdout
    assert dead(message)
