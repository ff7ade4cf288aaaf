"""What steps tell of their ends: the outcome that is laid out, and what went wrong."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from processor.catalog.entries import Failure, RenditionEntry
from processor.pipeline.process import TOO_COSTLY
from processor.telemetry.timings import milliseconds_since
from processor.workflow.errors import UnprocessableError
from processor.workflow.state import Work

CRASHES = ("Runtime.ExitError", "Runtime.OutOfMemory", "Sandbox.Timedout", "States.Timeout")
"""How functions end that a picture has killed."""

MOST_SAID = 500
"""Characters of an error's text that an entry keeps."""


def placed(target: str, made: Mapping[str, Any], etag: str) -> RenditionEntry:
    """A rendition as the entry has it."""
    known = {name: each for name, each in made.items() if name != "extension"}
    return cast("RenditionEntry", {**known, "key": target, "etag": etag})


def timings(work: Work) -> dict[str, int]:
    """Milliseconds of each stage; of those that ran side by side, of the longest."""
    longest = dict(work["timings"])
    for one in work["made"]:
        for stage, spent in one["timings"].items():
            longest[stage] = max(spent, longest.get(stage, 0))
    if work["kind"] == "created":
        longest["since_upload"] = milliseconds_since(work["time"])
    return longest


def failure_of(error: Mapping[str, str]) -> Failure:
    """What went wrong, from what Step Functions tells of it."""
    name, cause = error["Error"], error.get("Cause", "")
    try:
        said = str(msgspec.json.decode(cause, type=dict[str, Any])["errorMessage"])
    except (msgspec.MsgspecError, KeyError):
        said = cause
    if name == UnprocessableError.__name__:
        return msgspec.json.decode(said, type=Failure)
    if name in CRASHES:
        return {"code": TOO_COSTLY.code, "message": TOO_COSTLY.message}
    return {
        "code": "gave-up",
        "message": f"The workflow gave up after several attempts; the last one ended with {name}: "
        f"{said[:MOST_SAID]} Ask for it again.",
    }
