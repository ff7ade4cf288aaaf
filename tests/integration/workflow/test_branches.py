"""Each way through the workflow, and what the catalog says at its end."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest

from processor.catalog.entries import Entry
from tests.integration.bus import inbox
from tests.integration.waiting import wait_for

from .bench import Bench, path_of

OF_THE_ATTEMPT = (
    "sequencer", "updated", "owner", "timings", "execution", "correlation_id",
)  # fmt: skip
"""Fields that each attempt has for itself."""


def lasting(entry: Entry) -> dict[str, Any]:
    """What an entry tells of a picture, whoever worked on it."""
    kept: Any = {name: each for name, each in entry.items() if name not in OF_THE_ATTEMPT}
    if "renditions" in kept:
        kept["renditions"] = [
            {name: each for name, each in one.items() if name not in ("ms", "at")}
            for one in kept["renditions"]
        ]
    return dict(kept)


@pytest.mark.parametrize("body", [{}, {"recipe": "responsive"}], ids=["default", "responsive"])
def test_the_outcome_is_the_queues(bench: Bench, picture: str, body: dict[str, str]) -> None:
    """The entries are the same, and so are the renditions' bytes, by their ETags."""
    said = bench.site.api("POST", f"images/{path_of(picture)}/process", body).json()
    bench.site.ended(picture, said["version"])
    by_queue = bench.entry(picture)
    execution = bench.ask(picture, **body)["execution"]
    bench.ended(execution)
    by_workflow = bench.entry(picture)
    assert by_workflow["execution"] == execution
    assert lasting(by_workflow) == lasting(by_queue)
    assert set(by_workflow) - set(by_queue) == {"execution"}
    assert set(bench.stored(f"processed/{picture}/")) == {
        each["key"] for each in by_workflow["renditions"]
    }


def test_the_graph_shows_what_was_skipped(bench: Bench, picture: str) -> None:
    """What was not needed."""
    execution = bench.ask(picture)["execution"]
    bench.ended(execution)
    states = bench.states(picture)
    went = ("Inspect", "NextStep", "Decide", "Flagged", "Render", "RenderOne", "Commit")
    assert {states[name] for name in (*went, "Done")} == {"succeeded"}
    assert {states[name] for name in ("Hold", "Reject", "Reconcile", "Broken")} == {"skipped"}


def test_a_held_picture_is_published_when_it_is_approved(bench: Bench, picture: str) -> None:
    """Not before: while it waits, the CDN has nothing of it, whenever it is asked."""
    (shown, *_), thumb = bench.entry(picture)["renditions"], "thumb.webp"
    assert thumb in shown["key"]
    execution, _ = bench.flag(picture)
    entry = bench.waits(picture)
    assert entry["status"] == "review"
    assert "renditions" not in entry
    # The edge may have kept what was public before, for as long as it was told to.
    url = f"{shown['key']}?v={execution[:8]}"
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        assert bench.site.get(url).status_code == 404
        assert bench.site.get(f"workflow/{execution}.jpg").status_code == 404
        assert bench.states(picture)["Hold"] == "running"
        assert bench.states(picture)["Render"] == "waiting"
    assert not list(bench.stored(f"processed/{picture}/"))
    assert bench.decide(picture, "approve").status_code == 202
    bench.ended(execution)
    entry = bench.entry(picture)
    assert entry["status"] == "done"
    review = entry["review"]
    assert (review["decision"], review["by"]) == ("approve", "api")
    assert review["since"] < review["decided"]
    assert not {"review_token", "lease", "message", "attempts"} & set(entry)
    assert bench.site.get(f"{shown['key']}?v=approved").status_code == 200


def test_a_rejected_picture_is_never_published(bench: Bench, picture: str) -> None:
    """Its entry says so, and the second decision is refused."""
    execution, _ = bench.flag(picture)
    bench.waits(picture)
    assert bench.decide(picture, "reject").status_code == 202
    bench.ended(execution)
    assert bench.decide(picture, "approve").status_code == 409
    entry = bench.entry(picture)
    assert (entry["status"], entry["review"]["by"]) == ("rejected", "api")
    assert not {"review_token", "renditions", "lease", "message", "attempts"} & set(entry)
    assert not list(bench.stored(f"processed/{picture}/"))
    assert bench.states(picture)["Render"] == "skipped"


def test_what_nobody_reviews_is_rejected(hasty: Bench, key: str, sample: Any) -> None:
    """When the template's time for a review is over."""
    hasty.put(key, sample("coffee.png"))
    with inbox(hasty.cloud) as events:
        execution, _ = hasty.flag(key)
        hasty.ended(execution)
        entry = hasty.entry(key)
        wait_for(lambda: events.statuses(key)[-2:] == ["held", "rejected"])
        decided = [each.get("decidedBy") for each in events.of(key)]
    assert decided.count("timeout") == 1
    assert (entry["status"], entry["review"]["by"]) == ("rejected", "timeout")
    assert hasty.decide(key, "approve").status_code == 409
    states = hasty.states(key)
    assert (states["Hold"], states["ReviewTimedOut"]) == ("failed", "succeeded")


@pytest.mark.parametrize(
    ("step", "when"), [("inspect", "after"), ("renderpreview", "before"), ("commit", "after")]
)
def test_what_passes_is_tried_again(bench: Bench, picture: str, step: str, when: Any) -> None:
    """An error of the network, before a step or when all of it was done, changes no outcome."""
    before = lasting(bench.entry(picture))
    bench.fail(picture, step, "error", times=2, when=when)
    bench.ended(bench.ask(picture)["execution"])
    after = lasting(bench.entry(picture))
    assert {**after, "timestamp": before["timestamp"]} == before


def test_a_function_that_dies_in_the_map_is_started_again(bench: Bench, picture: str) -> None:
    """The other renditions are not held up, and the outcome is whole."""
    before = lasting(bench.entry(picture))
    bench.fail(picture, "renderthumb", "crash")
    bench.fail(picture, "renderweb", "crash", when="after")
    bench.ended(bench.ask(picture)["execution"])
    after = lasting(bench.entry(picture))
    assert {**after, "timestamp": before["timestamp"]} == before


SMALLER = {
    "renditions": [
        {"name": "thumb", "resize": {"width": 20}, "output": {"format": "webp"}},
        {"name": "web", "output": {"format": "jpeg"}},
    ]
}
"""A recipe whose renditions have the keys of two that the picture has, and other bytes."""


def published(bench: Bench, key: str) -> dict[str, str]:
    """What is stored of a picture, with its ETags."""
    return {
        each.key: each.etag for each in bench.cloud.objects("ProcessedBucket", f"processed/{key}/")
    }


def test_what_does_not_pass_is_in_the_catalog(bench: Bench, picture: str) -> None:
    """The execution has failed; what was published before the request stays, byte for byte."""
    before, stored = bench.entry(picture), published(bench, picture)
    bench.fail(picture, "renderweb", "error", times=9)
    execution = bench.ask(picture, recipe=SMALLER)["execution"]
    bench.ended(execution, "FAILED")
    entry: Any = dict(bench.entry(picture))
    failed = entry.pop("failed_request")
    assert failed["code"] == "gave-up"
    assert "ConnectionError: as arranged" in failed["message"]
    assert failed["execution"] == entry["execution"] == execution
    assert lasting(entry) == lasting(before)
    assert published(bench, picture) == stored
    assert not list(bench.stored(f"workflow/{execution}"))
    states = bench.states(picture)
    assert (states["RenderOne"], states["RecordFailure"]) == ("failed", "succeeded")


def test_an_execution_that_is_stopped_leaves_what_was_published(bench: Bench, picture: str) -> None:
    """Its renditions are served meanwhile, and a request that fails puts the outcome back."""
    before, stored = bench.entry(picture), published(bench, picture)
    bench.fail(picture, "renderweb", "hang", times=9)
    execution = bench.ask(picture, recipe=SMALLER)["execution"]
    wait_for(lambda: bench.entry(picture).get("execution") == execution)
    wait_for(lambda: any(bench.stored(f"workflow/{execution}/")))
    bench.executions.stepfunctions.stop_execution(executionArn=bench.executions.arn(execution))
    bench.ended(execution, "ABORTED")
    assert published(bench, picture) == stored
    assert bench.entry(picture)["renditions"] == before["renditions"]
    bench.fail(picture, "inspect", "error", times=9)
    bench.ended(bench.ask(picture)["execution"], "FAILED")
    entry: Any = dict(bench.entry(picture))
    assert entry.pop("failed_request")["code"] == "gave-up"
    assert lasting(entry) == lasting(before)
    assert published(bench, picture) == stored


def test_a_failed_request_leaves_a_review_open(bench: Bench, picture: str) -> None:
    """The execution that has waited all along receives the decision."""
    execution, _ = bench.flag(picture)
    waits = bench.waits(picture)
    path = f"images/{path_of(picture)}/process"
    poster = {
        "name": "poster",
        "resize": {"width": 9999, "enlarge": True},
        "output": {"format": "png"},
    }
    said = bench.site.api("POST", path, {"recipe": {"renditions": [poster]}}).json()
    image = bench.site.ended(picture, said["version"])
    assert (image["status"], image["failed_request"]["code"]) == ("review", "too-large-rendition")
    assert bench.entry(picture)["review_token"] == waits["review_token"]
    assert bench.decide(picture, "approve").status_code == 202
    bench.ended(execution)
    entry = bench.entry(picture)
    assert (entry["status"], entry["sequencer"]) == ("done", said["version"])
    assert "failed_request" not in entry
    assert set(published(bench, picture)) == {each["key"] for each in entry["renditions"]}


def test_a_picture_that_kills_is_too_costly(bench: Bench, picture: str) -> None:
    """The entry says so of the request, as standard processing does."""
    bench.fail(picture, "renderweb", "crash", times=9)
    bench.ended(bench.ask(picture)["execution"], "FAILED")
    entry = bench.entry(picture)
    assert (entry["status"], entry["failed_request"]["code"]) == ("done", "too-costly")


def test_a_picture_that_cannot_be_processed_fails_no_execution(bench: Bench, key: str) -> None:
    """It is in the catalog as the queue has it, and nobody is called for it."""
    bench.put(key, b"no picture")
    wait_for(lambda: (found := bench.cloud.catalog.get(key)) and found["status"] == "failed")
    by_queue = bench.entry(key)
    bench.ended(bench.ask(key)["execution"])
    by_workflow = bench.entry(key)
    assert by_workflow["error"] == by_queue["error"]
    states = bench.states(key)
    assert (states["Inspect"], states["PermanentFailure"]) == ("failed", "succeeded")


def test_a_message_that_comes_again_begins_nothing(bench: Bench, picture: str) -> None:
    """Neither while the execution runs, nor when it has ended."""
    execution, change = bench.flag(picture)
    bench.waits(picture)
    assert bench.executions.start(change) == execution
    bench.decide(picture, "reject")
    bench.ended(execution)
    entry = bench.entry(picture)
    assert bench.executions.start(change) == execution
    assert bench.entry(picture) == entry
    client: Any = boto3.client("stepfunctions")
    found = client.list_executions(stateMachineArn=bench.executions.state_machine)["executions"]
    assert [each["name"] for each in found].count(execution) == 1


def test_requests_at_the_same_time_are_one_execution(bench: Bench, picture: str) -> None:
    """Ten equal requests during one execution return that execution."""
    bench.fail(picture, "decide", "hang")
    with ThreadPoolExecutor(10) as pool:
        said = list(pool.map(lambda _: bench.ask(picture)["execution"], range(10)))
    assert len(set(said)) == 1
    bench.ended(said[0])


def test_a_newer_upload_ends_an_older_review(
    bench: Bench, picture: str, sample: Callable[[str], bytes]
) -> None:
    """The older execution ends as superseded without a decision, and leaves nothing."""
    execution, _ = bench.flag(picture)
    token = bench.waits(picture)["review_token"]
    bench.put(picture, sample("raccoon.jpg"), "avatar")
    newer = bench.done(picture)
    bench.ended(execution)
    assert "review_token" not in newer
    assert bench.decide(picture, "approve").status_code == 409
    assert not bench.executions.send_decision(token, "approve")
    assert bench.entry(picture) == newer
    assert set(bench.stored(f"processed/{picture}/")) == {
        each["key"] for each in newer["renditions"]
    }
    history = bench.executions.history(execution)
    assert "Superseded" in str(history)
    assert "Reconcile" not in str(history)


def test_a_request_ends_an_older_review_when_it_is_done(bench: Bench, picture: str) -> None:
    """Until then it may still fail, and the review would go on."""
    execution, _ = bench.flag(picture)
    bench.waits(picture)
    # Another recipe: the same one would join the execution that waits.
    newer = bench.ask(picture, recipe="avatar")["execution"]
    bench.ended(newer)
    bench.ended(execution)
    assert bench.entry(picture)["execution"] == newer


def test_a_newer_upload_wins_while_an_older_renders(
    bench: Bench, picture: str, sample: Callable[[str], bytes]
) -> None:
    """What the older execution has stored is reconciled."""
    bench.fail(picture, "renderweb", "error", times=2)
    execution = bench.ask(picture, recipe="responsive")["execution"]
    wait_for(lambda: bench.entry(picture).get("execution") == execution)
    wait_for(lambda: bench.states(picture)["RenderOne"] == "running")
    bench.put(picture, sample("raccoon.jpg"), "avatar")
    bench.ended(execution)

    def is_newer() -> bool:
        entry = bench.entry(picture)
        kept = {each["key"] for each in entry.get("renditions", ())}
        return (
            entry["status"] == "done"
            and entry["recipe"] == "avatar"
            and set(bench.stored(f"processed/{picture}/")) == kept
        )

    wait_for(is_newer)


def test_a_removed_original_is_forgotten(bench: Bench, picture: str) -> None:
    """Asked for or not, there is nothing to work on."""
    execution, _ = bench.flag(picture)
    bench.waits(picture)
    bench.cloud.s3.delete_object(Bucket=bench.cloud.outputs["RawBucket"], Key=picture)
    wait_for(lambda: bench.entry(picture)["status"] == "deleted")
    bench.ended(execution)
    assert bench.entry(picture)["status"] == "deleted"
    assert not list(bench.stored(f"processed/{picture}/"))


def test_no_log_shows_a_token(bench: Bench, picture: str) -> None:
    """Neither the functions' nor the state machine's own, which tells of every state."""
    execution, _ = bench.flag(picture)
    token = bench.waits(picture)["review_token"]
    bench.decide(picture, "approve")
    bench.ended(execution)
    logs = boto3.client("logs")
    stack = bench.cloud.outputs["Workflow"].rpartition(":")[2]
    groups = [f"/aws/vendedlogs/states/{stack}", f"/aws/lambda/{stack}"]
    groups += [bench.cloud.outputs["ApiLogGroup"], bench.cloud.outputs["LogGroup"]]

    def lines() -> str:
        pages = (
            page
            for group in groups
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        )
        return "\n".join(event["message"] for page in pages for event in page["events"])

    wait_for(lambda: execution in lines() and "ExecutionSucceeded" in lines())
    assert token not in lines()
