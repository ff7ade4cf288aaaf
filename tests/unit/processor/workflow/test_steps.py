"""The steps: what each finds, leaves and refuses."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from processor.errors import BusyError, LostClaimError, SupersededError
from processor.images import Recipe, Rendition, load_recipes
from processor.images.recipe import Jpeg
from processor.pipeline.recipe_book import RecipeBook
from processor.sqs.message import Delivery
from processor.workflow.errors import PermanentStepError
from processor.workflow.previews import preview_key
from tests.unit.processor.clouds import NoGuard
from tests.unit.processor.images.sample_images import animated
from tests.unit.processor.pipeline.pipelines import Refusing, created
from tests.unit.processor.workflow.bench import (
    EXECUTION,
    KEY,
    LATER,
    Bench,
)

Sample = Callable[[str], bytes]
NUDE = {"Name": "Explicit", "ParentName": "", "Confidence": 96.54}

REFUSAL = (
    "User: arn:aws:sts::1:assumed-role/steps/workflow is not authorized to perform: s3:PutObject"
    " because no identity-based policy allows the s3:PutObject action"
)


@pytest.fixture
def photograph(sample: Sample) -> bytes:
    """Give a small one."""
    return sample("coffee.png")


def answers(*moderation: dict[str, Any]) -> dict[str, Any]:
    """What Rekognition says of a picture."""
    box = {"Left": 0.123456, "Top": 0.2, "Width": 0.3, "Height": 0.4}
    return {
        "labels": {
            "Labels": [
                {
                    "Name": "Cup",
                    "Confidence": 91.26,
                    "Parents": [{"Name": "Tableware"}],
                    "Instances": [{"BoundingBox": box, "Confidence": 90.0}],
                }
            ]
        },
        "faces": {"FaceDetails": [{"BoundingBox": box, "Confidence": 99.87}]},
        "moderation": {"ModerationLabels": list(moderation)},
    }


def lasting(entry: dict[str, Any]) -> dict[str, Any]:
    """What an entry tells of a picture, whoever worked on it."""
    own = ("sequencer", "updated", "owner", "timings", "execution", "correlation_id", "timestamp")
    kept = {name: each for name, each in entry.items() if name not in own}
    kept["renditions"] = [
        {name: each for name, each in one.items() if name not in ("ms", "at")}
        for one in kept["renditions"]
    ]
    return kept


@pytest.mark.parametrize("recipe", [None, "responsive"])
def test_step_by_step_the_outcome_is_the_queues(photograph: bytes, recipe: str | None) -> None:
    """Entry and bytes are the same."""
    bench = Bench(photograph, recipe=recipe)
    by_queue = bench.by_queue()
    stored = dict(bench.cloud.renditions)
    state = bench.do("inspect", bench.begun())
    assert state["next"] == "decide"
    state = bench.do("decide", state)
    assert state["flagged"] is False
    assert bench.do("commit", bench.rendered(state))["key"] == KEY
    assert lasting(bench.entry) == lasting(by_queue)
    assert {key: each.data for key, each in bench.cloud.renditions.items()} == {
        key: each.data for key, each in stored.items()
    }


def test_what_is_handed_on_is_small(photograph: bytes) -> None:
    """However long the recipe is, 256 KB are far away."""
    recipe = {
        "renditions": [
            {"name": f"rendition-{number:03}", "resize": {"width": 8}, "output": {"format": "jpeg"}}
            for number in range(50)
        ]
    }
    bench = Bench(photograph)
    state = bench.do("inspect", bench.begun(recipe=msgspec.json.encode(recipe).decode()))
    assert "recipe" not in state
    state = bench.rendered(bench.do("decide", state))
    assert len(msgspec.json.encode(state)) < 32_000
    assert len(msgspec.json.encode(bench.do("commit", state))) < 1_000


def test_a_copy_is_put_where_the_cdn_does_not_read(photograph: bytes) -> None:
    """And removed once it was looked at; a picture that is known is not looked at again."""
    bench = Bench(photograph, "all")
    state = bench.do("inspect", bench.begun())
    assert state["next"] == "analyze"
    assert state["questions"] == {"labels": True, "faces": True, "moderation": True}
    assert bench.stored == {preview_key(EXECUTION)}
    assert not preview_key(EXECUTION).startswith("processed/")
    state = bench.do("decide", {**state, "detected": answers()})
    assert "detected" not in state
    assert bench.stored == set()
    bench.do("commit", bench.rendered(state))
    again = bench.do("inspect", bench.begun("3"), "another")
    assert again["next"] == "decide"
    assert bench.do("decide", again, "another")["flagged"] is False


def test_labels_alone_need_no_more_questions(photograph: bytes) -> None:
    """What is not asked for is not paid for."""
    state = (bench := Bench(photograph, "labels")).do("inspect", bench.begun())
    assert state["questions"] == {"labels": True, "faces": False, "moderation": False}


@pytest.mark.parametrize(
    ("detected", "reasons"),
    [
        (answers(), None),
        (answers({**NUDE, "Confidence": 79.9}), None),
        (answers(NUDE), [{"name": "Explicit", "confidence": 96.5}]),
        ({}, []),
    ],
    ids=["clean", "unsure", "sure", "unreadable"],
)
def test_a_picture_is_held_for_a_reason(
    photograph: bytes, detected: dict[str, Any], reasons: list[Any] | None
) -> None:
    """What is sure enough, or what Rekognition could not look at."""
    bench = Bench(photograph, "all")
    state = bench.do("decide", {**bench.do("inspect", bench.begun()), "detected": detected})
    assert (state["flagged"], state["reasons"]) == (reasons is not None, reasons or [])


@pytest.mark.parametrize(("recipe", "flagged"), [("default", True), ("still", False)])
def test_an_animation_is_held(recipe: str, flagged: bool) -> None:  # noqa: FBT001
    """Rekognition is given its first frame; where no other is published, that is all of it."""
    still = Recipe([Rendition("web", Jpeg())])
    bench = Bench(animated(), "all", recipe=recipe)
    recipes = RecipeBook({**load_recipes(), "still": still})
    bench.steps = replace(bench.steps, pipeline=replace(bench.steps.pipeline, recipes=recipes))
    state = bench.do("decide", {**bench.do("inspect", bench.begun()), "detected": answers()})
    assert (state["flagged"], state["reasons"]) == (flagged, [])


def held(bench: Bench) -> Any:
    """Hold a picture that was public before."""
    bench.by_queue()
    state = bench.do("decide", {**bench.do("inspect", bench.begun()), "detected": answers(NUDE)})
    assert bench.do("hold", state, token="secret") is None
    return state


def test_nothing_of_a_held_picture_is_public(photograph: bytes) -> None:
    """Not what an older version left, and not its blurred placeholder."""
    bench = Bench(photograph, "all")
    held(bench)
    assert bench.stored == set()
    assert bench.entry["status"] == "review"
    assert bench.entry["review_token"] == "secret"
    assert "renditions" not in bench.entry
    assert "thumbhash" not in str(bench.entry)
    assert bench.entry["review"]["reasons"] == [{"name": "Explicit", "confidence": 96.5}]


def test_a_hold_that_is_tried_again_has_the_new_token(photograph: bytes) -> None:
    """The old one is void, and since when it waits stays."""
    bench = Bench(photograph, "all")
    state = held(bench)
    since = bench.entry["review"]["since"]
    assert bench.entry["review"]["until"] > since
    bench.do("hold", state, token="other")
    assert bench.entry["review_token"] == "other"
    assert bench.entry["review"]["since"] == since


def test_what_the_queue_held_is_held(photograph: bytes) -> None:
    """Whatever the policy says by now, and for the queue's reasons."""
    bench = Bench(photograph, "all")
    entry = bench.by_queue()
    reasons = [{"name": "Violence", "confidence": 81.0}]
    since = "2026-05-01T12:00:01.000Z"
    bench.cloud.entries[KEY] = {
        **entry, "status": "review", "review": {"reasons": reasons, "since": since},
    }  # fmt: skip
    state = bench.do("inspect", bench.begun(entry["sequencer"]))
    assert state["next"] == "decide"
    assert bench.entry["status"] == "review"
    state = bench.do("decide", state)
    assert (state["flagged"], state["reasons"]) == (True, reasons)
    bench.do("hold", state, token="secret")
    assert bench.entry["review"]["since"] == since


@pytest.mark.parametrize("step", ["inspect", "decide", "render", "commit"])
def test_a_step_may_run_twice(photograph: bytes, step: str) -> None:
    """The second time it says and leaves the same."""
    bench = Bench(photograph)
    bench.by_queue()
    before: Any = bench.begun()
    state: Any = before
    for each in ("inspect", "decide", "render", "commit"):
        before = state
        state = bench.rendered(state) if each == "render" else bench.do(each, state)
        if each == step:
            break
    first, entry = {**state, "timings": 0, "rendered": 0}, dict(bench.entry)
    state = bench.rendered(before) if step == "render" else bench.do(step, before)
    assert {**state, "timings": 0, "rendered": 0} == first
    own = ("updated", "timings")
    assert {name: each for name, each in bench.entry.items() if name not in own} == {
        name: each for name, each in entry.items() if name not in own
    }


@pytest.mark.parametrize("after", ["inspect", "decide", "render", "hold"])
def test_a_newer_change_ends_what_is_older(photograph: bytes, after: str, sample: Sample) -> None:
    """The next step refuses; when it is settled there is nothing but the newer one's."""
    bench = Bench(photograph)
    state = bench.do("inspect", bench.begun())
    if after != "inspect":
        state = bench.do("decide", state)
    if after == "render":
        state = bench.rendered(state)
    if after == "hold":
        bench.do("hold", state, token="secret")
    bench.cloud.put(KEY, sample("raccoon.jpg"), recipe="avatar")
    newer = bench.by_queue("9")
    for step in ("decide", "hold", "commit", "inspect"):
        with pytest.raises(SupersededError):
            bench.do(step, {**state, "rendered": [], "reasons": []}, token="")
    with pytest.raises(SupersededError):
        bench.do("render", state, rendition="thumb")
    with pytest.raises(SupersededError):
        bench.do("fail", state, error={"Error": "Any", "Cause": ""})
    bench.do("reconcile", state)
    assert bench.entry == newer
    assert bench.stored == {each["key"] for each in newer["renditions"]}
    assert not bench.queue.sent


def test_what_was_stored_for_nothing_is_removed(photograph: bytes) -> None:
    """A rendition that the newer outcome does not have, stored after that was committed."""
    bench = Bench(photograph)
    state = bench.do("decide", bench.do("inspect", bench.begun()))
    bench.cloud.put(KEY, photograph, recipe="avatar")
    bench.do("reconcile", state)
    stored = bench.cloud.s3.objects
    newer = bench.by_queue("9")
    late = f"processed/{KEY}/late.webp"
    stored["processed", late] = next(iter(bench.cloud.renditions.values()))
    bench.do("reconcile", state)
    assert late not in bench.stored
    assert bench.entry == newer


def test_an_original_that_changes_meanwhile_is_left_to_its_own_message(
    photograph: bytes, sample: Sample
) -> None:
    """The execution gives the claim back: whoever comes next finds the key free."""
    bench = Bench(photograph)
    state = bench.do("decide", bench.do("inspect", bench.begun()))
    bench.cloud.put(KEY, sample("raccoon.jpg"))
    with pytest.raises(SupersededError):
        bench.do("render", state, rendition="thumb")
    bench.do("reconcile", state)
    assert bench.entry["retry"]["code"] == "changed"
    assert "lease" not in bench.entry
    assert bench.by_queue("9")["status"] == "done"


def cause(message: str) -> str:
    """What Step Functions tells of a function's exception."""
    return json.dumps({"errorMessage": message, "errorType": "Any", "stackTrace": []})


@pytest.mark.parametrize(
    ("error", "told", "code", "fault"),
    [
        (
            "PermanentStepError",
            cause(json.dumps({"code": "truncated", "message": "It ends."})),
            "truncated",
            "image",
        ),
        ("Runtime.ExitError", "{}", "too-costly", "system"),
        ("States.Timeout", "", "too-costly", "system"),
        ("States.DataLimitExceeded", "text", "gave-up", "system"),
        ("ClientError", cause("SlowDown"), "gave-up", "system"),
        ("ClientError", cause(f"An error occurred: {REFUSAL}"), "gave-up", "system"),
    ],
)
@pytest.mark.parametrize("has_begun", [True, False])
def test_a_failure_is_in_the_entry(
    photograph: bytes, error: str, told: str, code: str, fault: str, *, has_begun: bool
) -> None:
    """Whether the first step came as far as to claim anything or not; nothing is left of it."""
    bench = Bench(photograph)
    state = bench.begun()
    if has_begun:
        state = bench.rendered(bench.do("decide", bench.do("inspect", state)))
    said = bench.do("fail", state, error={"Error": error, "Cause": told})
    assert (said["code"], said["fault"]) == (code, fault)
    assert bench.entry["status"] == "failed"
    assert bench.entry["error"]["code"] == code
    if code == "gave-up":
        assert bench.entry["error"]["message"].endswith(
            (
                "SlowDown. Start the workflow again.",
                "text. Start the workflow again.",
                f"at fault. {REFUSAL}. Add the permission, and deploy. Start the workflow again.",
            )
        )
    assert bench.entry["execution"] == EXECUTION
    assert not {"renditions", "lease", "review_token"} & bench.entry.keys()
    assert bench.stored == set()


@pytest.mark.parametrize(
    ("data", "recipe", "code"),
    [(b"no picture", None, "unsupported-format"), (None, "none", "unknown-recipe")],
)
def test_the_pictures_own_fault_is_told(
    photograph: bytes, data: bytes | None, recipe: str | None, code: str
) -> None:
    """With the engine's code and words, so that it is not tried again."""
    bench = Bench(data or photograph)
    with pytest.raises(PermanentStepError) as raised:
        bench.do("inspect", bench.begun(recipe=recipe))
    assert msgspec.json.decode(str(raised.value))["code"] == code


def test_an_original_that_is_gone_takes_everything_along(photograph: bytes) -> None:
    """The entry says deleted, as when its removal is told."""
    bench = Bench(photograph)
    bench.by_queue()
    del bench.cloud.s3.objects["raw", KEY]
    assert bench.do("inspect", bench.begun())["next"] == "deleted"
    assert bench.entry["status"] == "deleted"
    assert bench.stored == set()


def test_what_has_its_outcome_is_not_begun(photograph: bytes) -> None:
    """A message that came again, after the queue's way had done it."""
    bench = Bench(photograph)
    entry = bench.by_queue()
    with pytest.raises(SupersededError):
        bench.do("inspect", bench.begun(created(KEY, entry["sequencer"]).sequencer))
    assert bench.entry == entry


@pytest.mark.parametrize("after", ["nothing", "inspect", "render", "commit"])
def test_a_failed_request_leaves_what_was_published(photograph: bytes, after: str) -> None:
    """The entry is the one before it, with the failure beside; so are the renditions' bytes."""
    bench = Bench(photograph)
    before, stored = bench.by_queue(), dict(bench.cloud.renditions)
    state = bench.begun(recipe="avatar")
    if after != "nothing":
        state = bench.do("decide", bench.do("inspect", state))
    if after in ("render", "commit"):
        state = bench.rendered(state)
        assert {each for each in bench.stored if each.startswith("processed/")} == set(stored)
    if after == "commit":
        bench.cloud.s3.guard = Refusing("PutObject")
        with pytest.raises(ClientError):
            bench.do("commit", state)
        bench.cloud.s3.guard = NoGuard()
    error = {"Error": "ClientError", "Cause": cause("SlowDown")}
    said = bench.do("fail", state, error=error)
    again = bench.do("fail", state, error=error)
    assert said == again, "a step may run twice"
    entry = dict(bench.entry)
    failed = entry.pop("failed_request")
    assert failed.pop("time")
    assert failed == {
        "code": "gave-up",
        "message": said["message"],
        "recipe": "avatar",
        "execution": EXECUTION,
    }
    assert entry.pop("execution") == EXECUTION
    own = ("sequencer", "owner", "updated")
    assert {name: each for name, each in entry.items() if name not in own} == {
        name: each for name, each in before.items() if name not in own
    }
    assert entry["sequencer"] == LATER
    assert bench.cloud.renditions == stored


def test_a_decision_outlives_a_request_at_the_same_moment(photograph: bytes) -> None:
    """The request publishes what was approved, and the execution waits for its end."""
    bench = Bench(photograph, "all")
    state = held(bench)
    claims = bench.cloud.pipeline.claims
    entry: Any = claims.catalog.get(KEY)
    claims.record(entry, "approve", "api")
    later = bench.do("inspect", bench.begun("3"), "request")
    decided = {**state, "review": {"decision": "approve", "by": "api"}}
    with pytest.raises(BusyError):
        bench.do("approve", decided)
    later = bench.do("decide", later, "request")
    assert later["flagged"] is False
    bench.do("commit", bench.rendered(later, "request"), "request")
    assert (bench.entry["status"], bench.entry["review"]["decision"]) == ("done", "approve")
    with pytest.raises(SupersededError):
        bench.do("approve", decided)


def test_a_decision_outlives_a_request_that_fails(photograph: bytes) -> None:
    """The execution, whose step is tried again, has the review back and applies the decision."""
    bench = Bench(photograph, "all")
    state = held(bench)
    claims = bench.cloud.pipeline.claims
    entry: Any = claims.catalog.get(KEY)
    claims.record(entry, "reject", "api")
    bench.do("inspect", bench.begun("3"), "request")
    decided = {**state, "review": {"decision": "reject", "by": "api"}}
    with pytest.raises(BusyError):
        bench.do("reject", decided)
    failure = {"Error": "States.Timeout", "Cause": ""}
    bench.do("fail", bench.begun("3"), "request", error=failure)
    bench.do("reject", decided)
    assert (bench.entry["status"], bench.entry["review"]["by"]) == ("rejected", "api")


def test_only_the_first_of_two_decisions_is_recorded(photograph: bytes) -> None:
    """A second one finds another review than it has read."""
    bench = Bench(photograph, "all")
    held(bench)
    claims = bench.cloud.pipeline.claims
    entry: Any = claims.catalog.get(KEY)
    claims.record(entry, "approve", "api")
    with pytest.raises(LostClaimError):
        claims.record(entry, "reject", "api")


@pytest.mark.parametrize("change", ["upload", "request"])
def test_a_superseded_review_is_ended(photograph: bytes, change: str) -> None:
    """By a newer upload at once, by a request as soon as it is held again."""
    bench = Bench(photograph, "all")
    held(bench)
    if change == "upload":
        bench.cloud.deliveries.claim(
            created(KEY, "3"), Delivery("m", 1, is_last=False, remaining=lambda: 60.0)
        )
    else:
        state = bench.do("decide", bench.do("inspect", bench.begun("3"), "request"), "request")
        assert not bench.cloud.ended_reviews
        bench.do("hold", state, "request", token="newer")
    assert bench.cloud.ended_reviews == ["secret"]


def test_a_failed_request_leaves_a_review_to_its_execution(photograph: bytes) -> None:
    """It goes on where it was, once somebody decides."""
    bench = Bench(photograph, "all")
    state = bench.do("inspect", bench.begun())
    state = bench.do("decide", {**state, "detected": answers(NUDE)})
    bench.do("hold", state, token="secret")
    bench.do("fail", bench.begun("3"), "other", error={"Error": "States.Timeout", "Cause": ""})
    entry = bench.entry
    assert (entry["status"], entry["review_token"]) == ("review", "secret")
    assert (entry["sequencer"], entry["execution"]) == ("3", EXECUTION)
    assert entry["failed_request"]["code"] == "too-costly"
    bench.do("approve", {**state, "review": {"decision": "approve", "by": "api"}})
    assert bench.entry["review"]["decision"] == "approve"
    assert bench.do("commit", bench.rendered(state))
    assert bench.entry["status"] == "done"
    assert "failed_request" not in bench.entry
    assert bench.stored == {each["key"] for each in bench.entry["renditions"]}
    assert {each.sequencer for each in bench.cloud.renditions.values()} == {"3"}


def test_a_failed_request_for_another_original_leaves_nothing(
    photograph: bytes, sample: Sample
) -> None:
    """What was published was made from another one than is there now."""
    bench = Bench(photograph)
    bench.by_queue()
    bench.cloud.put(KEY, sample("raccoon.jpg")[:-1000])
    state = bench.do("inspect", bench.begun())
    bench.do("fail", state, error={"Error": "States.Timeout", "Cause": ""})
    assert bench.entry["status"] == "failed"
    assert bench.stored == set()


def test_an_execution_that_is_stopped_leaves_what_was_published(photograph: bytes) -> None:
    """The renditions stay; the next request that fails puts the outcome back."""
    bench = Bench(photograph)
    bench.by_queue()
    stored = dict(bench.cloud.renditions)
    bench.rendered(bench.do("decide", bench.do("inspect", bench.begun())))
    published = {key: each for key, each in bench.cloud.renditions.items() if "processed/" in key}
    assert published == stored
    bench.do("fail", bench.begun("3"), "other", error={"Error": "States.Timeout", "Cause": ""})
    assert bench.entry["status"] == "done"


def test_a_rejected_image_is_an_outcome(photograph: bytes) -> None:
    """The entry has the decision and no claim; nothing is published."""
    bench = Bench(photograph, "all")
    state = held(bench)
    bench.do("reject", {**state, "review": {"decision": "reject", "by": "timeout"}})
    entry = bench.entry
    assert (entry["status"], entry["review"]["by"]) == ("rejected", "timeout")
    assert entry["review"]["decided"]
    assert not {"review_token", "lease", "message", "attempts"} & entry.keys()
    assert bench.stored == set()


def test_an_original_is_deleted_after_a_crash_and_a_failed_request(photograph: bytes) -> None:
    """The execution has committed; the request has taken the claim, so that it is superseded."""
    bench = Bench(photograph)
    settings = msgspec.structs.replace(
        bench.cloud.pipeline.settings, delete_original="after-processing"
    )
    bench.cloud.use(settings=settings)
    bench.steps = replace(bench.steps, pipeline=bench.cloud.pipeline)
    state = bench.rendered(bench.do("decide", bench.do("inspect", bench.begun())))
    delete = bench.cloud.s3.delete_object

    def refused(Bucket: str, **named: Any) -> None:  # noqa: N803
        if Bucket == "raw":
            raise ConnectionError
        delete(Bucket=Bucket, **named)

    bench.cloud.s3.delete_object = refused  # type: ignore[method-assign, assignment]
    with pytest.raises(ConnectionError):
        bench.do("commit", state)
    bench.do("fail", bench.begun("3"), "other", error={"Error": "States.Timeout", "Cause": ""})
    bench.cloud.s3.delete_object = delete  # type: ignore[method-assign]
    assert (bench.entry["original"], ("raw", KEY) in bench.cloud.s3.objects) == ("deleted", True)
    with pytest.raises(SupersededError):
        bench.do("commit", state)
    bench.do("reconcile", state)
    assert ("raw", KEY) not in bench.cloud.s3.objects
    assert bench.entry["status"] == "done"
