"""The workflow with Rekognition: what it finds, and what becomes of what is flagged."""

import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.flagged import flagged, patchwork
from tests.integration.waiting import wait_for
from tests.speed import LIMIT

from .bench import Bench, path_of


def forget(bench: Bench, key: str, *names: str) -> None:
    """Take what is known of a picture out of its entry."""
    table = bench.cloud.catalog.table
    bench.cloud.catalog.dynamodb.update_item(
        TableName=table,
        Key={"filename": {"S": key}},
        UpdateExpression=f"REMOVE {', '.join(f'#{name}' for name in names)}",
        ExpressionAttributeNames={f"#{name}": name for name in names},
    )


def test_what_is_found_is_what_the_queue_finds(
    watchful: Bench, key: str, sample: Callable[[str], bytes]
) -> None:
    """Labels, faces and moderation, asked by Step Functions itself, are the same in the entry."""
    watchful.put(key, sample("raccoon.jpg"))
    by_queue = watchful.done(key)
    assert by_queue["analysis"]
    assert by_queue["analysis"]["labels"]
    forget(watchful, key, "analysis", "label_names")
    execution = watchful.ask(key)["execution"]
    watchful.ended(execution)
    by_workflow: Any = watchful.entry(key)
    assert by_workflow["analysis"] == by_queue["analysis"]
    assert by_workflow["label_names"] == by_queue["label_names"]
    states = watchful.states(key)
    asked = ("Analyze", "DetectLabels", "DetectFaces", "DetectModeration")
    assert {states[name] for name in asked} == {"succeeded"}
    assert {states[name] for name in ("NoFaces", "NoModeration", "NotAnalyzable")} == {"skipped"}
    assert not list(watchful.stored("workflow/"))


def test_what_is_known_is_not_asked_again(
    watchful: Bench, key: str, sample: Callable[[str], bytes]
) -> None:
    """Each question is paid for."""
    watchful.put(key, sample("coffee.png"))
    before = watchful.done(key)
    watchful.ended(watchful.ask(key)["execution"])
    assert watchful.states(key)["Analyze"] == "skipped"
    assert watchful.entry(key)["analysis"] == before["analysis"]


def test_what_rekognition_cannot_read_is_reviewed(
    watchful: Bench, key: str, sample: Callable[[str], bytes]
) -> None:
    """Nobody knows what is in it: it is held for no reason that has a name."""
    watchful.put(key, sample("coffee.png"))
    watchful.done(key)
    forget(watchful, key, "analysis")
    watchful.fail(key, "inspect", "spoil", when="after")
    execution = watchful.ask(key)["execution"]
    assert watchful.waits(key)["review"]["reasons"] == []
    states = watchful.states(key)
    assert (states["Analyze"], states["NotAnalyzable"], states["Hold"]) == (
        "failed", "succeeded", "running",
    )  # fmt: skip
    watchful.decide(key, "approve")
    watchful.ended(execution)
    assert watchful.entry(key)["status"] == "done"


def is_found(bench: Bench, key: str, label: str) -> bool:
    """Return whether a search for a label finds a picture: the index follows the entries."""
    said = bench.site.api("GET", f"images?label={quote(label)}&limit=100").json()
    return key in [each["key"] for each in said["images"]]


def test_pictures_are_found_by_what_is_in_them(
    watchful: Bench, key: str, sample: Callable[[str], bytes]
) -> None:
    """The label of a thing finds its picture, and so does what that is a kind of."""
    watchful.put(key, sample("astronaut.jpg"))
    entry: Any = watchful.done(key)
    (face,) = entry["analysis"]["faces"]
    assert 0.3 < float(face["box"]["left"]) < 0.6
    assert float(face["box"]["top"]) < 0.3
    for label in ("Person", entry["label_names"][0]):
        wait_for(partial(is_found, watchful, key, label))
    nowhere = watchful.site.api("GET", "images?label=unicorn").json()
    assert nowhere == {"images": [], "next": None}


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_flagged_upload_is_at_no_time_public(
    watchful: Bench, key: str, endpoint: str, decision: str
) -> None:
    """From its upload until somebody approves, the CDN has nothing of it."""
    picture = patchwork(f"{decision} {uuid.uuid4()}")
    url = f"processed/{path_of(key)}/web.jpg"
    seen: set[tuple[str, int]] = set()

    def look(number: int) -> str:
        entry = watchful.cloud.catalog.get(key)
        status = entry["status"] if entry else "none"
        # Each with a name of its own, so that the edge asks each time.
        seen.add((status, watchful.site.get(f"{url}?v={number}").status_code))
        assert entry is None or "renditions" not in entry
        return status

    with flagged(picture, "Violence", 97.5, endpoint):
        watchful.put(key, picture)
        number = 0
        deadline = time.monotonic() + LIMIT
        while look(number := number + 1) != "review" or "review_token" not in watchful.entry(key):
            assert time.monotonic() < deadline
        for _ in range(60):
            look(number := number + 1)
            time.sleep(0.02)
    assert {code for _, code in seen} == {404}
    assert not list(watchful.stored(f"processed/{key}/"))
    entry: Any = watchful.entry(key)
    assert "Violence" in [each["name"] for each in entry["review"]["reasons"]]
    assert "thumbhash" not in (entry["analysis"] or {})
    assert watchful.decide(key, decision).status_code == 202
    watchful.ended(entry["execution"])
    outcome = {"approve": ("done", 200), "reject": ("rejected", 404)}[decision]
    assert (watchful.entry(key)["status"], watchful.site.get(url).status_code) == outcome


def test_what_is_asked_for_is_held_as_well(watchful: Bench, key: str, endpoint: str) -> None:
    """What was public before is not while it waits; who has approved is not asked again."""
    picture = patchwork(f"{uuid.uuid4()}")
    watchful.put(key, picture)
    watchful.done(key)
    assert list(watchful.stored(f"processed/{key}/"))
    forget(watchful, key, "analysis")
    with flagged(picture, "Violence", 97.5, endpoint):
        execution = watchful.ask(key)["execution"]
        watchful.waits(key)
    assert not list(watchful.stored(f"processed/{key}/"))
    watchful.decide(key, "approve")
    watchful.ended(execution)
    assert watchful.entry(key)["status"] == "done"
    watchful.ended(watchful.ask(key)["execution"])
    assert watchful.states(key)["Hold"] == "skipped"
