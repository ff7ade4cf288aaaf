"""What the steps of an execution hand on to each other, as JSON.

Small, whatever the picture is: 256 KB is the most that Step Functions carries from state to state.
What is large is in the catalog entry (the recipe, what was found, what is stored) or in S3.
"""

from typing import Any, Literal, NotRequired, TypedDict, cast

from processor.moderation.labels import Reason


class Work(TypedDict):
    """An execution's change, and what is known of it by now."""

    kind: Literal["created", "removed", "requested"]
    key: str
    time: str
    sequencer: str
    recipe: NotRequired[str | None]
    """In the input alone: from the first step on it is in the entry."""

    next: NotRequired[Literal["analyze", "decide", "gone"]]
    """What the first step has found to be done."""
    wants: NotRequired[dict[str, bool]]
    """Which questions Rekognition is asked."""
    picture: NotRequired[str]
    """Key of the copy that it is asked about, in the processed bucket."""
    found: NotRequired[dict[str, Any]]
    """What it answered, in its own words; empty if it could not read the picture."""
    flagged: NotRequired[bool]
    reasons: NotRequired[list[Reason]]
    timeout: NotRequired[int]
    """Seconds that a review may take."""
    renditions: NotRequired[list[str]]
    """Names of those to make."""
    timings: NotRequired[dict[str, int]]
    made: NotRequired[list["Made"]]


class Made(TypedDict):
    """What a function has made of one of the recipe's renditions."""

    stored: list[dict[str, Any]]
    """One for each density, as in the entry, but for its ETag, and its key: that would be the
    longest of all."""
    header: dict[str, Any]
    analysis: dict[str, Any] | None
    timings: dict[str, int]


def forget(work: Work, *names: str) -> Work:
    """The same without some fields."""
    return cast("Work", {name: each for name, each in work.items() if name not in names})
