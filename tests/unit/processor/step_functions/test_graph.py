"""How far an execution has come, from its definition and its history."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from processor.step_functions.graph import Graph

BEGAN = datetime(2026, 5, 1, 12, tzinfo=UTC)
MACHINE = {
    "StartAt": "Look",
    "States": {
        "Look": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Left", "States": {"Left": {"Type": "Task"}}},
                {"StartAt": "Right", "States": {"Right": {"Type": "Pass"}}},
            ],
            "Next": "Each",
        },
        "Each": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "One", "States": {"One": {"Type": "Task"}}},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Bad"}],
            "Next": "Which",
        },
        "Which": {"Type": "Choice", "Choices": [{"Next": "Bad"}], "Default": "Good"},
        "Good": {"Type": "Succeed"},
        "Bad": {"Type": "Fail"},
    },
}


def history(*steps: tuple[str, str]) -> Iterator[dict[str, Any]]:
    """Events a second apart: of a state, its entering, leaving, or what happened in it.

    Each but the entering follows from the last event of the state that was not its leaving.
    """
    last: dict[str, int] = {}
    for number, (kind, name) in enumerate(steps, 1):
        event: dict[str, Any] = {
            "id": number,
            "previousEventId": last.get(name, 0),
            "type": kind.partition(":")[0],
            "timestamp": BEGAN + timedelta(seconds=number),
        }
        for end in ("Entered", "Exited"):
            if kind.endswith(f"State{end}"):
                event[f"state{end}EventDetails"] = {"name": name}
        if ":" in kind:
            event["taskFailedEventDetails"] = {"error": kind.partition(":")[2]}
        last[name] = number
        yield event


def told(execution: str, *steps: tuple[str, str]) -> dict[str, dict[str, Any]]:
    """What is told of each state."""
    graph = Graph.of(MACHINE)
    graph.replay(history(*steps))
    return {each["name"]: each for each in graph.told(execution)}


def test_the_ways_between_states() -> None:
    """On, by a choice, by an error, and into the parts of a state; each once."""
    assert [(each["from"], each["to"], each["on"]) for each in Graph.of(MACHINE).ways()] == [
        ("Look", "Each", "success"),
        ("Look", "Left", "success"),
        ("Look", "Right", "success"),
        ("Each", "Which", "success"),
        ("Each", "Bad", "error"),
        ("Each", "One", "success"),
        ("Which", "Good", "success"),
        ("Which", "Bad", "success"),
    ]


def test_the_ways_that_were_gone() -> None:
    """From the state whose last event led to a state's entering, also into and out of parts."""
    events = list(
        history(
            ("MapStateEntered", "Each"),
            ("MapIterationStarted", "Each"),
            ("TaskStateEntered", "One"),
            ("TaskFailed:Broken", "One"),
            ("MapIterationFailed", "One"),
            ("MapStateFailed:Broken", "One"),
            ("MapStateExited", "Each"),
            ("FailStateEntered", "Bad"),
        )
    )
    events[2]["previousEventId"], events[7]["previousEventId"] = 2, 7
    graph = Graph.of(MACHINE)
    graph.replay(events)
    gone = [(each["from"], each["to"]) for each in graph.ways() if each["taken"]]
    assert gone == [("Each", "Bad"), ("Each", "One")]


@pytest.mark.parametrize(("execution", "status"), [("RUNNING", "waiting"), ("FAILED", "skipped")])
def test_what_did_not_come(execution: str, status: str) -> None:
    """It may still come, or it did not."""
    assert {each["status"] for each in told(execution).values()} == {status}


def test_what_came() -> None:
    """With its times; what is not left yet is running."""
    states = told(
        "RUNNING",
        ("ParallelStateEntered", "Look"),
        ("TaskStateEntered", "Left"),
        ("TaskScheduled", "Left"),
        ("PassStateEntered", "Right"),
        ("PassStateExited", "Right"),
    )
    assert states["Right"] == {
        "name": "Right",
        "type": "Pass",
        "within": "Look",
        "status": "succeeded",
        "entered": "2026-05-01T12:00:04.000Z",
        "exited": "2026-05-01T12:00:05.000Z",
    }
    assert (states["Look"]["status"], states["Left"]["status"]) == ("running", "running")
    assert "exited" not in states["Look"]
    assert states["Each"]["status"] == "waiting"


def test_events_that_do_not_say_what_they_follow_from() -> None:
    """They follow from the one before."""
    events = list(history(("PassStateEntered", "Which"), ("PassStateExited", "Which")))
    events += [{**next(history(("FailStateEntered", "Bad"))), "id": 3}]
    for event in events:
        del event["previousEventId"]
    graph = Graph.of(MACHINE)
    graph.replay(events)
    assert [(each["from"], each["to"]) for each in graph.ways() if each["taken"]] == [
        ("Which", "Bad")
    ]


def test_an_error_that_passed_is_forgotten() -> None:
    """A task that was tried again, and went well."""
    steps = [
        ("TaskStateEntered", "Left"),
        ("TaskScheduled", "Left"),
        ("TaskFailed:Throttled", "Left"),
        ("TaskScheduled", "Left"),
    ]
    assert told("RUNNING", *steps)["Left"]["status"] == "running"
    after = told("RUNNING", *steps, ("TaskSucceeded", "Left"), ("TaskStateExited", "Left"))
    assert after["Left"]["status"] == "succeeded"
    assert "error" not in after["Left"]


def test_an_error_that_was_caught_stays() -> None:
    """The state failed, though the execution went on."""
    states = told(
        "SUCCEEDED",
        ("MapStateEntered", "Each"),
        ("MapStateFailed:Broken", "Each"),
        ("MapStateExited", "Each"),
        ("FailStateEntered", "Bad"),
    )
    assert (states["Each"]["status"], states["Each"]["error"]) == ("failed", "Broken")


def test_a_part_that_fails_ends_the_others() -> None:
    """The whole has failed, too; what did not come to its end there is not running any more."""
    events = list(
        history(
            ("ParallelStateEntered", "Look"),
            ("TaskStateEntered", "Left"),
            ("PassStateEntered", "Right"),
            ("TaskFailed:Broken", "Left"),
            ("ParallelStateFailed:Broken", "Left"),
            ("ParallelStateExited", "Look"),
        )
    )
    graph = Graph.of(MACHINE)
    graph.replay(events)
    found = {each["name"]: (each["status"], each.get("error")) for each in graph.told("RUNNING")}
    assert found["Look"] == found["Left"] == ("failed", "Broken")
    assert found["Right"] == ("failed", "Aborted")


def test_a_state_in_a_map_is_all_its_turns() -> None:
    """It runs while one of them does; it began with the first, and ended with the last."""
    steps = [
        ("MapStateEntered", "Each"),
        ("TaskStateEntered", "One"),
        ("TaskStateEntered", "One"),
        ("TaskStateExited", "One"),
    ]
    assert told("RUNNING", *steps)["One"]["status"] == "running"
    assert told("ABORTED", *steps)["One"]["status"] == "failed"
    state = told("RUNNING", *steps, ("TaskStateExited", "One"))["One"]
    assert state["status"] == "succeeded"
    assert state["entered"] == "2026-05-01T12:00:02.000Z"
    assert state["exited"] == "2026-05-01T12:00:05.000Z"
