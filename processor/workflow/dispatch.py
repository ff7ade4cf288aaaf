"""Dispatch of the state machine's steps to their functions."""

from collections.abc import Callable, Mapping
from typing import Any

from processor.errors import LostClaimError, SupersededError
from processor.telemetry.log import about
from processor.workflow.steps import Steps

Remaining = Callable[[], float]
Step = Callable[[Steps, Mapping[str, Any], Remaining], object]

STEPS: dict[str, Step] = {
    "inspect": lambda steps, event, left: steps.inspect(event["execution"], event["state"], left),
    "decide": lambda steps, event, _: steps.decide(event["execution"], event["state"]),
    "hold": lambda steps, event, _: steps.hold(event["execution"], event["state"], event["token"]),
    "approve": lambda steps, event, _: steps.review(event["execution"], event["state"], "approve"),
    "reject": lambda steps, event, _: steps.review(event["execution"], event["state"], "reject"),
    "render": lambda steps, event, left: steps.render(
        event["execution"], event["state"], event["rendition"], left
    ),
    "commit": lambda steps, event, _: steps.commit(event["execution"], event["state"]),
    "reconcile": lambda steps, event, _: steps.reconcile(event["execution"], event["state"]),
    "fail": lambda steps, event, _: steps.fail(event["execution"], event["state"], event["error"]),
}
"""Steps by their names in workflow.asl.json; each gets the event and the remaining time."""


def run(steps: Steps, event: Mapping[str, Any], remaining: Remaining) -> object:
    """Run one step. ``remaining`` returns the seconds until Lambda ends the function.

    Raises ``SupersededError`` and ``PermanentStepError``, which the state machine handles.
    """
    state = event["state"]
    with about(
        key=state["key"],
        sequencer=state["sequencer"],
        execution=event["execution"],
        step=event["step"],
    ):
        try:
            return STEPS[event["step"]](steps, event, remaining)
        except LostClaimError as error:
            raise SupersededError(f"{state['key']} was replaced by a newer version.") from error
