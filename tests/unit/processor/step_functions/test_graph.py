"""The workflow's graph: transitions of a definition, and states after a history."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from processor.step_functions.graph import Graph

STARTED = datetime(2026, 5, 1, 12, tzinfo=UTC)
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
    """Yield events a second apart, from an event type and a state; an error follows a colon.

    Each event but the first of a state follows the one before it of the same state.
    """
    last: dict[str, int] = {}
    for number, (kind, name) in enumerate(steps, 1):
        event: dict[str, Any] = {
            "id": number,
            "previousEventId": last.get(name, 0),
            "type": kind.partition(":")[0],
            "timestamp": STARTED + timedelta(seconds=number),
        }
        for end in ("Entered", "Exited"):
            if kind.endswith(f"State{end}"):
                event[f"state{end}EventDetails"] = {"name": name}
        if ":" in kind:
            event["taskFailedEventDetails"] = {"error": kind.partition(":")[2]}
        last[name] = number
        yield event


def states_after(execution: str, *steps: tuple[str, str]) -> dict[str, dict[str, Any]]:
    """Return the states by name, in an execution with that status."""
    graph = Graph.of(MACHINE)
    graph.replay(history(*steps))
    return {each["name"]: each for each in graph.describe_states(execution)}


def test_the_transitions_of_a_definition() -> None:
    """To the next state, by a choice, by an error, and into a container; each once."""
    assert [
        (each["from"], each["to"], each["on"]) for each in Graph.of(MACHINE).describe_transitions()
    ] == [
        ("Look", "Each", "success"),
        ("Look", "Left", "success"),
        ("Look", "Right", "success"),
        ("Each", "Which", "success"),
        ("Each", "Bad", "error"),
        ("Each", "One", "success"),
        ("Which", "Good", "success"),
        ("Which", "Bad", "success"),
    ]


def test_taken_transitions() -> None:
    """They start at the state of the event before, also into and out of containers."""
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
    taken = [(each["from"], each["to"]) for each in graph.describe_transitions() if each["taken"]]
    assert taken == [("Each", "Bad"), ("Each", "One")]


@pytest.mark.parametrize(("execution", "status"), [("RUNNING", "waiting"), ("FAILED", "skipped")])
def test_states_that_were_not_entered(execution: str, status: str) -> None:
    """They are waiting while the execution is running, and skipped after its end."""
    assert {each["status"] for each in states_after(execution).values()} == {status}


def test_states_that_were_entered() -> None:
    """They have their times; without an exit they are running."""
    states = states_after(
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


def test_events_without_a_previous_id() -> None:
    """They follow the event before them."""
    events = list(history(("PassStateEntered", "Which"), ("PassStateExited", "Which")))
    events += [{**next(history(("FailStateEntered", "Bad"))), "id": 3}]
    for event in events:
        del event["previousEventId"]
    graph = Graph.of(MACHINE)
    graph.replay(events)
    assert [
        (each["from"], each["to"]) for each in graph.describe_transitions() if each["taken"]
    ] == [("Which", "Bad")]


def test_a_retried_error_is_cleared() -> None:
    """A task has succeeded after a retry."""
    steps = [
        ("TaskStateEntered", "Left"),
        ("TaskScheduled", "Left"),
        ("TaskFailed:Throttled", "Left"),
        ("TaskScheduled", "Left"),
    ]
    assert states_after("RUNNING", *steps)["Left"]["status"] == "running"
    after = states_after("RUNNING", *steps, ("TaskSucceeded", "Left"), ("TaskStateExited", "Left"))
    assert after["Left"]["status"] == "succeeded"
    assert "error" not in after["Left"]


def test_a_caught_error_stays() -> None:
    """The state has failed, though the execution continued."""
    states = states_after(
        "SUCCEEDED",
        ("MapStateEntered", "Each"),
        ("MapStateFailed:Broken", "Each"),
        ("MapStateExited", "Each"),
        ("FailStateEntered", "Bad"),
    )
    assert (states["Each"]["status"], states["Each"]["error"]) == ("failed", "Broken")


def test_a_failing_branch_aborts_the_others() -> None:
    """The container has failed, too, and the aborted states are no longer running."""
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
    states = {
        each["name"]: (each["status"], each.get("error"))
        for each in graph.describe_states("RUNNING")
    }
    assert states["Look"] == states["Left"] == ("failed", "Broken")
    assert states["Right"] == ("failed", "Aborted")


def test_a_state_in_a_map_covers_all_iterations() -> None:
    """It is running while one of them is, entered with the first and exited with the last."""
    steps = [
        ("MapStateEntered", "Each"),
        ("TaskStateEntered", "One"),
        ("TaskStateEntered", "One"),
        ("TaskStateExited", "One"),
    ]
    assert states_after("RUNNING", *steps)["One"]["status"] == "running"
    assert states_after("ABORTED", *steps)["One"]["status"] == "failed"
    state = states_after("RUNNING", *steps, ("TaskStateExited", "One"))["One"]
    assert state["status"] == "succeeded"
    assert state["entered"] == "2026-05-01T12:00:02.000Z"
    assert state["exited"] == "2026-05-01T12:00:05.000Z"
