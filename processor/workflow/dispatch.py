"""Which step is which function: the names that the state machine uses."""

from collections.abc import Callable, Mapping
from typing import Any

from processor.catalog.claims import LostClaimError
from processor.errors import SupersededError
from processor.telemetry.log import about
from processor.workflow.steps import Steps

Step = Callable[[Steps, Mapping[str, Any], float], object]

STEPS: dict[str, Step] = {
    "inspect": lambda steps, event, _: steps.inspect(event["execution"], event["work"]),
    "decide": lambda steps, event, _: steps.decide(event["execution"], event["work"]),
    "hold": lambda steps, event, _: steps.hold(event["execution"], event["work"], event["token"]),
    "render": lambda steps, event, remaining: steps.render(
        event["execution"], event["work"], event["rendition"], remaining
    ),
    "stage": lambda steps, event, _: steps.stage(event["execution"], event["work"]),
    "settle": lambda steps, event, _: steps.settle(event["execution"], event["work"]),
    "fail": lambda steps, event, _: steps.fail(event["execution"], event["work"], event["error"]),
}
"""By their names in workflow.asl.json; each is given the event, and the seconds that are left."""


def run(steps: Steps, event: Mapping[str, Any], remaining: float) -> object:
    """Do one step, with ``remaining`` seconds left. Raises what the state machine goes by."""
    work = event["work"]
    with about(
        key=work["key"],
        sequencer=work["sequencer"],
        execution=event["execution"],
        step=event["step"],
    ):
        try:
            return STEPS[event["step"]](steps, event, remaining)
        except (LostClaimError, SupersededError) as error:
            raise SupersededError(f"{work['key']} has a newer version") from error
