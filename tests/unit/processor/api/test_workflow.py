"""Executions of the workflow over HTTP: ``workflow=full``, and ``GET /images/{key}/workflow``."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from processor.api.process_request import MAX_RENDITIONS
from tests.unit.processor.api.conftest import Api

KEY = "holiday%2Fbeach.jpg"
STARTED = datetime(2026, 5, 1, 12, 0, 1, tzinfo=UTC)


@pytest.fixture
def processed(api: Api) -> Api:
    """Return the API with one processed image."""
    api.table.add(filename="holiday/beach.jpg")
    api.s3.put("holiday/beach.jpg")
    return api


def start(api: Api, body: object = None) -> Any:
    """Request an execution."""
    return api.call(
        "POST", "/images/{key}/process", body or {}, key=KEY, query={"workflow": "full"}
    )


def claim(api: Api, **fields: Any) -> None:
    """Update the entry as the execution's first step does, with other fields."""
    ((name, execution),) = api.stepfunctions.executions.items()
    change = json.loads(execution["input"])
    known = {"status": "processing", "sequencer": change["sequencer"], "execution": name, **fields}
    api.table.items["holiday/beach.jpg"] |= known


def test_an_execution_replaces_the_message(processed: Api) -> None:
    """The response has its name, and the version that the outcome will have."""
    result = start(processed, {"recipe": "avatar"})
    assert result.status == 202
    ((name, execution),) = processed.stepfunctions.executions.items()
    change = json.loads(execution["input"])
    assert result.body == {
        "key": "holiday/beach.jpg",
        "version": change["sequencer"],
        "execution": name,
    }
    assert change.pop("sequencer") > "A" * 32
    assert change == {
        "kind": "requested",
        "key": "holiday/beach.jpg",
        "time": "2026-05-01T12:00:00.123Z",
        "recipe": "avatar",
    }
    assert not processed.sqs.sent


@pytest.mark.parametrize("has_claimed", [False, True])
@pytest.mark.parametrize("status", ["processing", "review"])
def test_the_same_request_twice_is_one_execution(
    processed: Api, status: str, *, has_claimed: bool
) -> None:
    """Before and after the first one has updated the entry, and while it waits for a review."""
    first = start(processed).body
    if has_claimed:
        claim(processed, status=status)
    second = start(processed)
    assert second.status == 202
    assert second.body["execution"] == first["execution"]
    assert len(processed.stepfunctions.executions) == 1


def test_another_recipe_is_another_execution(processed: Api) -> None:
    """It has a newer version, and supersedes the first one."""
    first = start(processed).body
    claim(processed)
    second = start(processed, {"recipe": "avatar"}).body
    assert second["execution"] != first["execution"]
    assert second["version"] > first["version"]


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "ABORTED"])
@pytest.mark.parametrize("has_claimed", [False, True])
def test_the_same_request_after_the_end_is_another_execution(
    processed: Api, status: str, *, has_claimed: bool
) -> None:
    """Even after an end without any update of the entry, though a name is taken for 90 days."""
    first = start(processed).body["execution"]
    if has_claimed:
        claim(processed, status="done" if status == "SUCCEEDED" else "processing")
    processed.stepfunctions.executions[first]["status"] = status
    second = start(processed).body["execution"]
    assert second != first
    assert processed.stepfunctions.executions[second]["status"] == "RUNNING"


def test_the_largest_inline_recipe_fits_into_an_input(processed: Api) -> None:
    """Half of the 256 KB of Step Functions stay free for the output of the steps."""
    rendition = {
        "output": {"format": "jpeg", "max_bytes": 10**4200},
        "watermark": {"text": "😀" * 200, "color": "#204060"},
        "blur": 0.12345678901234567,
    }
    names = [f"{number:064}" for number in range(MAX_RENDITIONS)]
    recipe = {"renditions": [{"name": name, **rendition} for name in names]}
    assert start(processed, {"recipe": recipe}).status == 202
    ((_, execution),) = processed.stepfunctions.executions.items()
    assert len(execution["input"]) < 128 * 1024


@pytest.mark.parametrize("query", [{"workflow": "short"}, {"workflow": ""}, {"flow": "full"}])
def test_other_workflows_do_not_exist(processed: Api, query: dict[str, str]) -> None:
    """They are refused, and nothing is started."""
    result = processed.call("POST", "/images/{key}/process", {}, key=KEY, query=query)
    assert (result.status, result.code) == (400, "invalid-parameter")
    assert not processed.stepfunctions.executions


def test_a_workflow_needs_an_original(api: Api) -> None:
    """Without one, the image is not found."""
    assert start(api).status == 404


def test_a_workflow_has_states_and_transitions(processed: Api) -> None:
    """Each state has its status and times, each transition whether it was taken."""
    processed.stepfunctions.machine = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Task", "Next": "B", "Catch": [{"Next": "C"}]},
            "B": {"Type": "Succeed"},
            "C": {"Type": "Fail"},
        },
    }
    later = STARTED + timedelta(seconds=2)
    processed.stepfunctions.events = [
        {"id": 1, "previousEventId": 0, "type": "ExecutionStarted", "timestamp": STARTED},
        {
            "id": 2, "previousEventId": 0, "type": "TaskStateEntered", "timestamp": STARTED,
            "stateEnteredEventDetails": {"name": "A"},
        },
        {
            "id": 3, "previousEventId": 2, "type": "TaskStateExited", "timestamp": later,
            "stateExitedEventDetails": {"name": "A"},
        },
    ]  # fmt: skip
    assert processed.call("GET", "/images/{key}/workflow", key=KEY).status == 404
    name = start(processed).body["execution"]
    claim(processed)
    processed.stepfunctions.executions[name]["stopDate"] = later
    result = processed.call("GET", "/images/{key}/workflow", key=KEY)
    assert result.status == 200
    assert result.body == {
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


def test_an_expired_execution_is_not_found(processed: Api) -> None:
    """Step Functions keeps executions for 90 days; the catalog keeps entries for longer."""
    processed.table.add(filename="holiday/beach.jpg", execution="gone")
    assert processed.call("GET", "/images/{key}/workflow", key=KEY).status == 404
