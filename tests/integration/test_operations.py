"""`darkroom reprocess`, `check` and `rm`, against a deployed pipeline."""

import json
import time
from collections.abc import Callable
from typing import Any

from darkroom.cloud import Cloud
from processor.catalog.attributes import serialize
from processor.catalog.entries import Entry
from processor.change import UNKNOWN_SEQUENCER, now
from processor.storage.renditions import Renditions

from .conftest import Run
from .waiting import wait_for

Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]
Bury = Callable[[str], str]


def renditions(cloud: Cloud, key: str) -> set[str]:
    """Return the names of a key's stored renditions."""
    targets = Renditions(cloud.s3, cloud.outputs["ProcessedBucket"]).list(key)
    return {target.rpartition("/")[2] for target in targets}


DEFAULT = {"thumb.webp", "preview.webp", "web.jpg"}


def test_reprocess(
    cloud: Cloud, run: Run, put: Put, outcome: Outcome, sample: Sample, prefix: str
) -> None:
    """The originals under a prefix are processed again, with another recipe if one is named."""
    keys = [f"{prefix}{name}.jpg" for name in ("a", "b c+d", "z")]
    for key in keys:
        put(key, sample("flower.jpg"))
    before = {key: outcome(key) for key in keys}
    tried = run("reprocess", prefix, "--dry-run")
    assert "3 of 3 originals would be processed again" in tried.stdout
    assert {key: cloud.catalog.get(key) for key in keys} == before

    rest = run("reprocess", prefix, "--start-after", keys[0], "--recipe", "avatar")
    assert rest.returncode == 0, rest
    assert "Sent requests for 2 of 2 originals" in rest.stdout
    for key in keys[1:]:
        assert outcome(key, after=before[key])["recipe"] == "avatar"
        assert "web.jpg" not in renditions(cloud, key)
    assert cloud.catalog.get(keys[0]) == before[keys[0]]


def test_reprocess_failed_originals(
    cloud: Cloud,
    run: Run,
    put: Put,
    outcome: Outcome,
    sample: Sample,
    drained: Callable[[], None],
    prefix: str,
) -> None:
    """Only originals whose entry is `failed` are processed again."""
    put(f"{prefix}good.jpg", sample("flower.jpg"))
    put(f"{prefix}bad.jpg", b"no image")
    good, bad = outcome(f"{prefix}good.jpg"), outcome(f"{prefix}bad.jpg")
    assert "1 of 2 originals" in run("reprocess", prefix, "--failed").stdout
    assert outcome(f"{prefix}bad.jpg", after=bad)["status"] == "failed"
    drained()
    assert cloud.catalog.get(f"{prefix}good.jpg") == good


def test_an_unknown_recipe_is_refused_before_anything_is_sent(run: Run) -> None:
    """No original is requested."""
    done = run("reprocess", "--recipe", "nosuch")
    assert done.returncode == 1
    assert "no recipe 'nosuch'" in done.stderr


def test_check_and_repair(
    cloud: Cloud,
    run: Run,
    put: Put,
    outcome: Outcome,
    sample: Sample,
    quiet: Callable[[], None],
    prefix: str,
) -> None:
    """Every kind of fault is found, and repaired by processing the keys again."""
    names = ("fine", "no-entry", "stuck", "stale", "missing", "size", "orphan")
    keys = {name: f"{prefix}{name} é.jpg" for name in names}
    for key in keys.values():
        put(key, sample("flower.jpg"))
    entries = {name: outcome(key) for name, key in keys.items()}
    quiet()
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

    def found() -> dict[str, list[str]]:
        report = json.loads(run("check", prefix, "--grace", "0", "--json").stdout)
        return {kind: [each["key"] for each in alike] for kind, alike in report["faults"].items()}

    # The index follows what was stored.
    wait_for(lambda: "unindexed" not in found())
    assert found() == {
        "no-entry": [keys["no-entry"]],
        "no-original": [gone],
        "stuck": [keys["stuck"]],
        "stale": [keys["stale"]],
        "missing": [keys["missing"], keys["size"]],
        "orphan": [lost, keys["no-entry"], keys["orphan"]],
    }
    shown = run("check", prefix, "--grace", "0")
    assert shown.returncode == 1
    assert "entries without an original: 1" in shown.stdout

    repaired = run("check", prefix, "--grace", "0", "--repair")
    assert repaired.returncode == 0, repaired.stdout
    assert "Everything is consistent." in repaired.stdout
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


def test_work_in_progress_is_no_fault(cloud: Cloud, run: Run, prefix: str) -> None:
    """A key with an open lease is counted apart."""
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
    assert "1 key may be in progress" in done.stdout


def test_rm(
    cloud: Cloud, run: Run, put: Put, outcome: Outcome, sample: Sample, prefix: str
) -> None:
    """Originals are deleted with their renditions after a confirmation; `ls` omits them."""
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


def test_rm_of_a_missing_original(
    cloud: Cloud, run: Run, put: Put, outcome: Outcome, sample: Sample, key: str
) -> None:
    """One missing key is an error, and nothing is deleted."""
    put(key, sample("flower.jpg"))
    entry = outcome(key)
    done = run("rm", key, "nobody.jpg", "--yes")
    assert done.returncode == 1
    assert "no original 'nobody.jpg'. Nothing was deleted" in done.stderr
    assert cloud.catalog.get(key) == entry


def store(cloud: Cloud, key: str, entry: Any) -> None:
    """Write or delete an entry without the pipeline."""
    dynamodb, table = cloud.catalog.dynamodb, cloud.outputs["CatalogTable"]
    if entry is None:
        dynamodb.delete_item(TableName=table, Key=serialize({"filename": key}))
    else:
        dynamodb.put_item(TableName=table, Item=serialize(entry))
    wait_for(lambda: cloud.catalog.get(key) == entry)
