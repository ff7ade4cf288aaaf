"""The routes about the workflow: begun, decided, looked at."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.processor.api.conftest import Api

KEY = "holiday%2Fbeach.jpg"
BEGAN = datetime(2026, 5, 1, 12, 0, 1, tzinfo=UTC)


@pytest.fixture
def there(api: Api) -> Api:
    """Give the API with one picture that is done."""
    api.table.add(filename="holiday/beach.jpg")
    api.s3.put("holiday/beach.jpg")
    return api


def ask(api: Api, body: object = None, workflow: str = "full") -> Any:
    """Ask for the long way."""
    return api.call(
        "POST", "/images/{key}/process", body or {}, key=KEY, query={"workflow": workflow}
    )


def claimed(api: Api, **fields: Any) -> None:
    """Let the execution that runs do its first step, or another."""
    ((name, execution),) = api.workflows.executions.items()
    change = json.loads(execution["input"])
    known = {"status": "processing", "sequencer": change["sequencer"], "execution": name, **fields}
    api.table.items["holiday/beach.jpg"] |= known


def test_a_workflow_is_begun_in_place_of_a_message(there: Api) -> None:
    """The answer names the execution, and the version that the outcome will have."""
    said = ask(there, {"recipe": "avatar"})
    assert said.status == 202
    ((name, execution),) = there.workflows.executions.items()
    change = json.loads(execution["input"])
    assert said.body == {
        "key": "holiday/beach.jpg",
        "version": change["sequencer"],
        "execution": name,
    }
    assert (change["kind"], change["key"], change["recipe"]) == (
        "requested", "holiday/beach.jpg", "avatar",
    )  # fmt: skip
    assert change["sequencer"] > "A" * 32
    assert change["time"] == "2026-05-01T12:00:00.123Z"
    assert not there.sqs.sent


@pytest.mark.parametrize("has_claimed", [False, True])
@pytest.mark.parametrize("status", ["processing", "review"])
def test_the_same_request_twice_is_one_execution(
    there: Api, status: str, *, has_claimed: bool
) -> None:
    """Whether the first has come to change the entry or not, and while it waits for a review."""
    first = ask(there).body
    if has_claimed:
        claimed(there, status=status)
    second = ask(there)
    assert second.status == 202
    assert second.body["execution"] == first["execution"]
    assert len(there.workflows.executions) == 1


def test_another_recipe_is_another_execution(there: Api) -> None:
    """It is newer, and wins."""
    first = ask(there).body
    claimed(there)
    second = ask(there, {"recipe": "avatar"}).body
    assert second["execution"] != first["execution"]
    assert second["version"] > first["version"]


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "ABORTED"])
@pytest.mark.parametrize("has_claimed", [False, True])
def test_what_has_ended_can_be_asked_for_again(
    there: Api, status: str, *, has_claimed: bool
) -> None:
    """Even if it ended before it had changed anything, though its name is taken for 90 days."""
    first = ask(there).body["execution"]
    if has_claimed:
        claimed(there, status="done" if status == "SUCCEEDED" else "processing")
    there.workflows.executions[first]["status"] = status
    second = ask(there).body["execution"]
    assert second != first
    assert there.workflows.executions[second]["status"] == "RUNNING"


def test_a_recipe_has_to_fit_into_an_execution(there: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Step Functions takes 256 KB: what has no room beside what the steps add is refused."""
    monkeypatch.setattr("processor.step_functions.client.MOST_INPUT", 300)
    recipe = {"renditions": [{"name": "a" * 40, "output": {"format": "webp"}}]}
    said = ask(there, {"recipe": recipe})
    assert said.status == 202
    recipe["renditions"] *= 3
    for number, each in enumerate(recipe["renditions"]):
        recipe["renditions"][number] = {**each, "name": f"{number}" * 40}
    said = ask(there, {"recipe": recipe})
    assert (said.status, said.code) == (413, "body-too-large")


@pytest.mark.parametrize("query", [{"workflow": "short"}, {"workflow": ""}, {"flow": "full"}])
def test_there_is_one_workflow(there: Api, query: dict[str, str]) -> None:
    """Another is refused before anything is done."""
    said = there.call("POST", "/images/{key}/process", {}, key=KEY, query=query)
    assert (said.status, said.code) == (400, "invalid-parameter")
    assert not there.workflows.executions


def test_a_workflow_needs_an_original(api: Api) -> None:
    """There is nothing to work on."""
    assert ask(api).status == 404


def review(api: Api, decision: str = "approve") -> Any:
    """Decide."""
    return api.call("POST", "/images/{key}/review", {"decision": decision}, key=KEY)


@pytest.fixture
def held(there: Api) -> Api:
    """Give the API with a picture that waits for a review."""
    there.table.add(
        filename="holiday/beach.jpg",
        status="review",
        review={
            "reasons": [{"name": "Violence", "confidence": 91.5}],
            "since": "2026-05-01T12:00:01.000Z",
        },
        review_token="token",
        renditions=[],
    )
    return there


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decision_goes_to_the_workflow(held: Api, decision: str) -> None:
    """By the token, that the answer does not show."""
    said = review(held, decision)
    assert said.status == 202
    assert said.body == {"key": "holiday/beach.jpg", "decision": decision}
    assert held.workflows.tokens == {"token": {"decision": decision, "by": "api"}}


def test_the_first_decision_counts(held: Api) -> None:
    """The second is told so, even while the entry does not know yet."""
    review(held, "reject")
    said = review(held, "approve")
    assert (said.status, said.code) == (409, "not-held")
    assert held.workflows.tokens["token"]["decision"] == "reject"


@pytest.mark.parametrize("status", ["done", "rejected", "processing", "failed"])
def test_only_what_waits_can_be_decided(there: Api, status: str) -> None:
    """Everything else is a conflict."""
    there.table.add(filename="holiday/beach.jpg", status=status)
    assert (review(there).status, review(there).code) == (409, "not-held")


class Clock:
    """Time that passes by sleeping only; something happens when it has come."""

    def __init__(self, moment: float, happening: Callable[[], None]) -> None:
        self.now = 0.0
        self.moment, self.happening = moment, happening

    def monotonic(self) -> float:
        """Seconds since it began."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        if self.now >= self.moment:
            self.happening()


@pytest.mark.parametrize("moment", [1.0, 4.8])
def test_a_decision_waits_for_who_is_to_take_it(
    held: Api, monkeypatch: pytest.MonkeyPatch, moment: float
) -> None:
    """The entry says that a picture is to be reviewed before the execution waits."""
    entry = held.table.items["holiday/beach.jpg"]
    del entry["review_token"]
    clock = Clock(moment, lambda: entry.update(review_token="token"))
    monkeypatch.setattr("processor.api.review.time", clock)
    assert review(held).status == 202
    assert held.workflows.tokens["token"]["decision"] == "approve"


def test_a_decision_does_not_wait_for_ever(held: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a conflict after five seconds, and at once where the picture is held no more."""
    entry = held.table.items["holiday/beach.jpg"]
    del entry["review_token"]
    clock = Clock(99, lambda: None)
    monkeypatch.setattr("processor.api.review.time", clock)
    assert review(held).code == "not-held"
    assert clock.now == pytest.approx(5, abs=0.3)
    clock = Clock(1, lambda: entry.update(status="done"))
    monkeypatch.setattr("processor.api.review.time", clock)
    assert review(held).status == 409
    assert clock.now == pytest.approx(1)


@pytest.mark.parametrize(("version", "status"), [("seen", 202), ("older", 409)])
def test_a_decision_is_about_the_picture_that_was_looked_at(
    held: Api, version: str, status: int
) -> None:
    """Where another has come under the key meanwhile, nothing is decided."""
    held.table.items["holiday/beach.jpg"]["sequencer"] = "seen"
    body = {"decision": "approve", "version": version}
    said = held.call("POST", "/images/{key}/review", body, key=KEY)
    assert said.status == status
    assert (held.workflows.tokens["token"] is not None) is (status == 202)
    if status == 409:
        assert said.code == "other-version"


@pytest.mark.parametrize("has_waited", [False, True])
def test_who_was_to_take_a_decision_may_be_gone(
    held: Api,
    monkeypatch: pytest.MonkeyPatch,
    has_waited: bool,  # noqa: FBT001
) -> None:
    """Somebody ended the execution, before or while it waited: the answer says what helps."""
    monkeypatch.setattr("processor.api.review.time", Clock(99, lambda: None))
    entry = held.table.items["holiday/beach.jpg"]
    entry["execution"] = "abc"
    held.workflows.executions["abc"] = {"status": "ABORTED"}
    if has_waited:
        held.workflows.tokens["token"] = {}
    else:
        del entry["review_token"]
    said = review(held)
    assert (said.status, said.code) == (409, "not-held")
    assert "made again" in said.body["detail"]


@pytest.mark.parametrize("body", [{}, {"decision": "maybe"}, {"decision": "reject", "why": "x"}])
def test_a_decision_is_one_of_two(held: Api, body: object) -> None:
    """Whatever else is refused, and the workflow goes on waiting."""
    said = held.call("POST", "/images/{key}/review", body, key=KEY)
    assert (said.status, said.code) == (400, "invalid-request")
    assert held.workflows.tokens == {"token": None}


def test_no_answer_shows_the_token(held: Api) -> None:
    """Neither of one picture nor of many; why it waits they do."""
    one = held.call("GET", "/images/{key}", key=KEY)
    many = held.call("GET", "/images", query={"status": "review"})
    assert "token" not in json.dumps([one.body, many.body])
    assert one.body["review"]["reasons"] == [{"name": "Violence", "confidence": 91.5}]
    assert [each["key"] for each in many.body["images"]] == ["holiday/beach.jpg"]


def test_a_workflow_can_be_looked_at(there: Api) -> None:
    """Its states, the ways between them, and what became of each."""
    there.workflows.machine = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Task", "Next": "B", "Catch": [{"Next": "C"}]},
            "B": {"Type": "Succeed"},
            "C": {"Type": "Fail"},
        },
    }
    later = BEGAN + timedelta(seconds=2)
    there.workflows.events = [
        {"id": 1, "previousEventId": 0, "type": "ExecutionStarted", "timestamp": BEGAN},
        {
            "id": 2, "previousEventId": 0, "type": "TaskStateEntered", "timestamp": BEGAN,
            "stateEnteredEventDetails": {"name": "A"},
        },
        {
            "id": 3, "previousEventId": 2, "type": "TaskStateExited", "timestamp": later,
            "stateExitedEventDetails": {"name": "A"},
        },
    ]  # fmt: skip
    assert there.call("GET", "/images/{key}/workflow", key=KEY).status == 404
    name = ask(there).body["execution"]
    claimed(there)
    there.workflows.executions[name]["stopDate"] = later
    said = there.call("GET", "/images/{key}/workflow", key=KEY)
    assert said.status == 200
    assert said.body == {
        "execution": name,
        "status": "running",
        "started": "2026-05-01T12:00:01.000Z",
        "stopped": "2026-05-01T12:00:03.000Z",
        "states": [
            {
                "name": "A",
                "type": "Task",
                "status": "succeeded",
                "entered": "2026-05-01T12:00:01.000Z",
                "exited": "2026-05-01T12:00:03.000Z",
            },
            {"name": "B", "type": "Succeed", "status": "waiting"},
            {"name": "C", "type": "Fail", "status": "waiting"},
        ],
        "transitions": [
            {"from": "A", "to": "B", "on": "success", "taken": False},
            {"from": "A", "to": "C", "on": "error", "taken": False},
        ],
    }


def test_a_workflow_of_long_ago_is_not_found(there: Api) -> None:
    """Step Functions remembers executions for 90 days, and the catalog for longer."""
    there.table.add(filename="holiday/beach.jpg", execution="gone")
    assert there.call("GET", "/images/{key}/workflow", key=KEY).status == 404
