"""Outcomes of executions: timings of all steps, and the failure that an error means."""

from collections.abc import Mapping
from typing import Any

import msgspec

from processor.catalog.entries import Failure
from processor.change import milliseconds_since
from processor.errors import TOO_COSTLY, why_failed
from processor.workflow.errors import PermanentStepError
from processor.workflow.state import State

CRASHES = ("Runtime.ExitError", "Runtime.OutOfMemory", "Sandbox.Timedout", "States.Timeout")
"""Step Functions' error names for functions that crashed or timed out."""

MOST_CHARACTERS = 500
"""Characters of an error's text that an entry keeps."""


def timings(state: State) -> dict[str, int]:
    """Return the milliseconds of each stage; of parallel ones, the longest."""
    longest = dict(state["timings"])
    for one in state["rendered"]:
        for stage, spent in one["timings"].items():
            longest[stage] = max(spent, longest.get(stage, 0))
    if state["kind"] == "created":
        longest["since_upload"] = milliseconds_since(state["time"])
    return longest


def failure_of(error: Mapping[str, str]) -> Failure:
    """Return the failure that Step Functions' error and cause mean."""
    name, cause = error["Error"], error.get("Cause", "")
    try:
        text = str(msgspec.json.decode(cause, type=dict[str, Any])["errorMessage"])
    except (msgspec.MsgspecError, KeyError):
        text = cause
    if name == PermanentStepError.__name__:
        return msgspec.json.decode(text, type=Failure)
    if name in CRASHES:
        return {"code": TOO_COSTLY.code, "message": TOO_COSTLY.message}
    return {
        "code": "gave-up",
        "message": "All attempts of the workflow failed"
        f"{why_failed(f'{name}: {text[:MOST_CHARACTERS]}')} Start the workflow again.",
    }
