"""The operator's commands: dead letters, work done again, and whether all fits together."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from darkroom.cloud import Cloud
from darkroom.dead_letters import dead_letters
from processor.catalog import Entry
from processor.dynamodb import serialize
from processor.events import UNKNOWN_SEQUENCER, now, request_message
from processor.renditions import Renditions

from .waiting import wait_for

Run = Callable[..., subprocess.CompletedProcess[str]]
Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]
Bury = Callable[[str], str]
DARKROOM = Path(sys.executable).with_name("darkroom")


@pytest.fixture
def run(cloud: Cloud) -> Run:
    """Give a way to run a command against the cloud under test; ``typed`` is what is typed."""
    stack = cloud.outputs["ProcessFunction"].removesuffix("-process")

    def command(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [DARKROOM, *arguments],
            env={**os.environ, "DARKROOM_STACK": stack, "COLUMNS": "160"},
            input=typed,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    return command


@pytest.fixture
def prefix() -> str:
    """Give a prefix that no other test uses."""
    return f"operations/{uuid.uuid4().hex[:8]}/"


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
    return request_message(cloud.outputs["RawBucket"], key, now(), after)


def renditions(cloud: Cloud, key: str) -> set[str]:
    """The names of what is stored for a key."""
    targets = Renditions(cloud.s3, cloud.outputs["ProcessedBucket"]).list(key)
    return {target.rpartition("/")[2] for target in targets}


DEFAULT = {"thumb.webp", "preview.webp", "web.jpg"}


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


def test_an_overtaken_dead_letter(
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
    assert found["code"] == "overtaken"


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


def test_reprocess(
    cloud: Cloud, run: Run, put: Put, outcome: Outcome, sample: Sample, prefix: str
) -> None:
    """The originals under a prefix are done again, with another recipe if one is named."""
    keys = [f"{prefix}{name}.jpg" for name in ("a", "b c+d", "z")]
    for key in keys:
        put(key, sample("flower.jpg"))
    before = {key: outcome(key) for key in keys}
    tried = run("reprocess", prefix, "--dry-run")
    assert "3 of 3 originals would be processed again" in tried.stdout
    assert {key: cloud.catalog.get(key) for key in keys} == before

    rest = run("reprocess", prefix, "--start-after", keys[0], "--recipe", "avatar")
    assert rest.returncode == 0, rest
    assert "2 of 2 originals" in rest.stdout
    for key in keys[1:]:
        assert outcome(key, after=before[key])["recipe"] == "avatar"
        assert "web.jpg" not in renditions(cloud, key)
    assert cloud.catalog.get(keys[0]) == before[keys[0]]


def test_reprocess_what_failed(
    cloud: Cloud,
    run: Run,
    put: Put,
    outcome: Outcome,
    sample: Sample,
    drained: Callable[[], None],
    prefix: str,
) -> None:
    """Only originals whose entry says so are done again."""
    put(f"{prefix}good.jpg", sample("flower.jpg"))
    put(f"{prefix}bad.jpg", b"no picture")
    good, bad = outcome(f"{prefix}good.jpg"), outcome(f"{prefix}bad.jpg")
    assert "1 of 2 originals" in run("reprocess", prefix, "--failed").stdout
    assert outcome(f"{prefix}bad.jpg", after=bad)["status"] == "failed"
    drained()
    assert cloud.catalog.get(f"{prefix}good.jpg") == good


def test_an_unknown_recipe_is_refused_before_anything_is_sent(run: Run) -> None:
    """A slip of the pen reaches no original."""
    done = run("reprocess", "--recipe", "nosuch")
    assert done.returncode == 1
    assert "no recipe 'nosuch'" in done.stderr


def test_check_and_repair(
    cloud: Cloud,
    run: Run,
    put: Put,
    outcome: Outcome,
    sample: Sample,
    drained: Callable[[], None],
    prefix: str,
) -> None:
    """Every kind of fault is found, and mended by having the keys processed again."""
    names = ("fine", "no-entry", "stuck", "stale", "missing", "size", "orphan")
    keys = {name: f"{prefix}{name} é.jpg" for name in names}
    for key in keys.values():
        put(key, sample("flower.jpg"))
    entries = {name: outcome(key) for name, key in keys.items()}
    drained()
    assert run("check", prefix).returncode == 0

    gone, lost = f"{prefix}gone.jpg", f"{prefix}lost.jpg"
    store(cloud, keys["no-entry"], None)
    store(cloud, keys["stuck"], {**entries["stuck"], "status": "processing", "lease": 1})
    store(cloud, keys["stale"], {**entries["stale"], "etag": "another"})
    store(cloud, gone, {**entries["fine"], "filename": gone})
    processed = cloud.outputs["ProcessedBucket"]
    cloud.s3.delete_object(Bucket=processed, Key=f"processed/{keys['missing']}/thumb.webp")
    for target in (keys["size"] + "/web.jpg", keys["orphan"] + "/old.webp", lost + "/x.webp"):
        cloud.s3.put_object(Bucket=processed, Key=f"processed/{target}", Body=b"x")

    found = run("check", prefix, "--grace", "0", "--json")
    assert found.returncode == 1
    report = json.loads(found.stdout)
    faults = {kind: [each["key"] for each in alike] for kind, alike in report["faults"].items()}
    assert faults == {
        "no-entry": [keys["no-entry"]],
        "no-original": [gone],
        "stuck": [keys["stuck"]],
        "stale": [keys["stale"]],
        "missing": [keys["missing"], keys["size"]],
        "orphan": [lost, keys["no-entry"], keys["orphan"]],
    }
    assert "entry without its original: 1" in run("check", prefix, "--grace", "0").stdout

    mended = run("check", prefix, "--grace", "0", "--repair")
    assert mended.returncode == 0, mended
    assert "All fits together." in mended.stdout
    for key in keys.values():
        entry = cloud.catalog.get(key)
        assert entry
        assert entry["status"] == "done"
        assert renditions(cloud, key) == DEFAULT
    assert cloud.catalog.get(keys["fine"]) == entries["fine"]
    assert not renditions(cloud, lost)
    tombstone = cloud.catalog.get(gone)
    assert tombstone
    assert tombstone["status"] == "deleted"


def test_work_at_hand_is_no_fault(cloud: Cloud, run: Run, prefix: str) -> None:
    """What somebody is at work on is counted apart."""
    key = f"{prefix}a.jpg"
    entry = {
        "filename": key, "status": "processing", "sequencer": UNKNOWN_SEQUENCER, "owner": "me",
        "timestamp": now(), "updated": now(), "lease": round(time.time()) + 600,
    }  # fmt: skip
    store(cloud, key, entry)
    try:
        done = run("check", prefix)
    finally:
        store(cloud, key, None)
    assert done.returncode == 0
    assert "1 key may still be worked on" in done.stdout


def test_rm(
    cloud: Cloud, run: Run, put: Put, outcome: Outcome, sample: Sample, prefix: str
) -> None:
    """Originals go with their renditions, after a question; show says so, and ls is silent."""
    keys = [f"{prefix}a.jpg", f"{prefix}b.jpg"]
    for key in keys:
        put(key, sample("flower.jpg"))
        outcome(key)
    refused = run("rm", *keys, typed="n\n")
    assert refused.returncode == 1
    assert renditions(cloud, keys[0]) == DEFAULT

    done = run("rm", *keys, typed="y\n")
    assert done.returncode == 0, done
    for key in keys:
        assert f"{key}: deleted, with 3 renditions." in done.stdout
        assert not renditions(cloud, key)
    shown = run("show", keys[0]).stdout
    assert "deleted" in shown
    assert "uploaded" not in shown
    assert prefix not in run("ls", "-n", "500").stdout
    assert run("check", prefix).returncode == 0


def test_rm_of_what_is_not_there(
    cloud: Cloud, run: Run, put: Put, outcome: Outcome, sample: Sample, key: str
) -> None:
    """One key that is not there is an error, and nothing is deleted."""
    put(key, sample("flower.jpg"))
    entry = outcome(key)
    done = run("rm", key, "nobody.jpg", "--yes")
    assert done.returncode == 1
    assert "no original 'nobody.jpg'; nothing was deleted" in done.stderr
    assert cloud.catalog.get(key) == entry


def store(cloud: Cloud, key: str, entry: Any) -> None:
    """Put an entry into the catalog behind the pipeline's back, or remove it."""
    dynamodb, table = cloud.catalog.dynamodb, cloud.outputs["CatalogTable"]
    if entry is None:
        dynamodb.delete_item(TableName=table, Key=serialize({"filename": key}))
    else:
        dynamodb.put_item(TableName=table, Item=serialize(entry))
    wait_for(lambda: cloud.catalog.get(key) == entry)
