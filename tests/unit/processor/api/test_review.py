"""``POST /images/{key}/review``: decisions about held images."""

import json
from typing import Any

import pytest

from tests.unit.processor.api.conftest import Api

KEY = "holiday%2Fbeach.jpg"


@pytest.fixture
def entry(api: Api) -> dict[str, Any]:
    """Return the entry of an image that is held for review."""
    api.table.add(
        filename="holiday/beach.jpg",
        status="review",
        review={
            "reasons": [{"name": "Violence", "confidence": 91.5}],
            "since": "2026-05-01T12:00:01.000Z",
        },
        review_token="token",
        renditions=[],
    )
    return api.table.items["holiday/beach.jpg"]


def review(api: Api, decision: str = "approve") -> Any:
    """Send a decision."""
    return api.call("POST", "/images/{key}/review", {"decision": decision}, key=KEY)


@pytest.mark.usefixtures("entry")
@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decision_is_sent_to_the_execution(api: Api, decision: str) -> None:
    """With the task token, which the response does not contain."""
    result = review(api, decision)
    assert result.status == 202
    assert result.body == {"key": "holiday/beach.jpg", "decision": decision}
    assert api.stepfunctions.tokens == {"token": {"decision": decision, "by": "api"}}


@pytest.mark.usefixtures("entry")
def test_the_first_decision_counts(api: Api) -> None:
    """The second is a conflict, even before the entry has the first one."""
    review(api, "reject")
    result = review(api, "approve")
    assert (result.status, result.code) == (409, "not-held")
    assert api.stepfunctions.tokens["token"]["decision"] == "reject"


def test_a_decision_is_in_the_entry_before_it_is_sent(api: Api, entry: dict[str, Any]) -> None:
    """A request that takes the image over at the same moment finds it there."""
    known: list[Any] = []
    api.stepfunctions.before_decision = lambda: known.append(
        api.table.items["holiday/beach.jpg"]["review"]
    )
    assert review(api).status == 202
    (recorded,) = known
    assert (recorded["decision"], recorded["by"]) == ("approve", "api")
    assert recorded["reasons"] == entry["review"]["reasons"]


def test_a_request_that_was_faster_is_a_conflict(
    api: Api, entry: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A decision that would have no effect is never accepted."""
    put = api.table.update_item

    def taken_over(**arguments: Any) -> None:
        entry.update(owner="another", status="processing", sequencer="newer")
        put(**arguments)

    monkeypatch.setattr(api.table, "update_item", taken_over)
    result = review(api)
    assert (result.status, result.code) == (409, "not-held")
    assert "processing" in result.body["detail"]
    assert api.stepfunctions.tokens == {"token": None}
    assert "decision" not in api.table.items["holiday/beach.jpg"]["review"]


@pytest.mark.parametrize(("decision", "status"), [("approve", 202), ("reject", 409)])
def test_a_decision_that_was_not_sent_can_be_repeated(
    api: Api, entry: dict[str, Any], decision: str, status: int
) -> None:
    """The API's function may have died between the entry and the execution."""
    entry["review"] |= {"decision": "approve", "by": "api"}
    assert review(api, decision).status == status


@pytest.mark.parametrize("status", ["done", "rejected", "processing", "failed"])
def test_only_held_images_can_be_decided(api: Api, status: str) -> None:
    """A decision about another image is a conflict."""
    api.table.add(filename="holiday/beach.jpg", status=status)
    result = review(api)
    assert (result.status, result.code) == (409, "not-held")
    assert status in result.body["detail"]


@pytest.mark.parametrize("seconds", [1.0, 4.8])
def test_a_decision_waits_for_the_task_token(
    api: Api, entry: dict[str, Any], seconds: float
) -> None:
    """The status is ``review`` before the execution waits."""
    del entry["review_token"]
    api.clock.schedule(seconds, lambda: entry.update(review_token="token"))
    assert review(api).status == 202
    assert api.stepfunctions.tokens["token"]["decision"] == "approve"


def test_a_decision_waits_five_seconds(api: Api, entry: dict[str, Any]) -> None:
    """Then it is a conflict."""
    del entry["review_token"]
    started = api.clock.now
    assert review(api).code == "not-held"
    assert api.clock.now - started == pytest.approx(5, abs=0.3)


def test_a_decision_stops_waiting_when_the_image_is_no_longer_held(
    api: Api, entry: dict[str, Any]
) -> None:
    """It is a conflict at once."""
    del entry["review_token"]
    started = api.clock.now
    api.clock.schedule(1, lambda: entry.update(status="done"))
    assert review(api).status == 409
    assert api.clock.now - started == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize(("version", "status"), [("seen", 202), ("older", 409)])
def test_a_decision_is_about_the_reviewed_version(
    api: Api, entry: dict[str, Any], version: str, status: int
) -> None:
    """Nothing is decided where another version has replaced it."""
    entry["sequencer"] = "seen"
    body = {"decision": "approve", "version": version}
    result = api.call("POST", "/images/{key}/review", body, key=KEY)
    assert result.status == status
    assert (api.stepfunctions.tokens["token"] is not None) is (status == 202)
    if status == 409:
        assert result.code == "other-version"


@pytest.mark.parametrize("has_waited", [False, True])
def test_an_execution_may_have_ended_without_a_decision(
    api: Api, entry: dict[str, Any], *, has_waited: bool
) -> None:
    """It was aborted before or while it waited: the detail says how to get another review."""
    entry["execution"] = "abc"
    api.stepfunctions.executions["abc"] = {"status": "ABORTED"}
    if has_waited:
        api.stepfunctions.tokens["token"] = {}
    else:
        del entry["review_token"]
    result = review(api)
    assert (result.status, result.code) == (409, "not-held")
    assert "Process the image again" in result.body["detail"]


@pytest.mark.usefixtures("entry")
@pytest.mark.parametrize("body", [{}, {"decision": "maybe"}, {"decision": "reject", "why": "x"}])
def test_invalid_decisions_are_refused(api: Api, body: object) -> None:
    """The execution still waits."""
    result = api.call("POST", "/images/{key}/review", body, key=KEY)
    assert (result.status, result.code) == (400, "invalid-request")
    assert api.stepfunctions.tokens == {"token": None}


@pytest.mark.usefixtures("entry")
def test_no_response_contains_the_token(api: Api) -> None:
    """One image and a listing have the reasons, but not the token."""
    one = api.call("GET", "/images/{key}", key=KEY)
    many = api.call("GET", "/images", query={"status": "review"})
    assert "token" not in json.dumps([one.body, many.body])
    assert one.body["review"]["reasons"] == [{"name": "Violence", "confidence": 91.5}]
    assert [each["key"] for each in many.body["images"]] == ["holiday/beach.jpg"]
