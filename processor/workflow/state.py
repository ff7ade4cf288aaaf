"""State of an execution: what its steps pass to each other, as JSON.

It is small, whatever the image is: Step Functions passes at most 256 KB from state to state. Large
values are in the catalog entry (recipe, labels) or in S3 (previews, drafts).
"""

from typing import Any, Literal, NotRequired, TypedDict, cast

from processor.catalog.entries import Point
from processor.change import Change
from processor.moderation.policy import Reason


class State(TypedDict):
    """The change that an execution processes, and what its steps have added."""

    kind: Literal["created", "removed", "version-removed", "requested", "refocused"]
    key: str
    time: str
    sequencer: str
    recipe: NotRequired[str | None]
    """In the execution's input only: the first step writes it to the entry."""

    next: NotRequired[Literal["analyze", "decide", "deleted"]]
    """Which state follows the first step."""
    questions: NotRequired[dict[str, bool]]
    """Which questions Rekognition is asked."""
    preview: NotRequired[str]
    """Key of the preview that Rekognition analyzes, in the processed bucket."""
    detected: NotRequired[dict[str, Any]]
    """Rekognition's responses by question; empty if it could not read the image."""
    flagged: NotRequired[bool]
    reasons: NotRequired[list[Reason]]
    review: NotRequired[dict[str, Any]]
    """The reviewer's ``decision``, and ``by`` whom it was made."""
    timeout: NotRequired[int]
    """Seconds that a review may take."""
    renditions: NotRequired[list[str]]
    """Names of the recipe's renditions."""
    timings: NotRequired[dict[str, int]]
    rendered: NotRequired[list["RenderedDraft"]]


class RenderedDraft(TypedDict):
    """One of the recipe's renditions, rendered and stored as drafts."""

    drafts: list[dict[str, Any]]
    """One for each density, as in the entry, but without ETag and key, which may be long."""
    header: dict[str, Any]
    analysis: dict[str, Any] | None
    focal_point: Point | None
    """The image's focal point, which the renditions follow."""
    timings: dict[str, int]


def without(state: State, *names: str) -> State:
    """Return the state without some fields."""
    return cast("State", {name: each for name, each in state.items() if name not in names})


def change_of(state: State) -> Change:
    """Return the change that the execution processes."""
    return Change(
        state["kind"], state["key"], state["time"], state["sequencer"], recipe=state.get("recipe")
    )
