"""Job: a claimed change that is being processed, and the original that was loaded for it."""

from collections.abc import Callable
from dataclasses import dataclass

from processor.catalog.claims import Claim
from processor.images import Recipe, Source
from processor.storage.originals import Original
from processor.telemetry.attempt import Attempt


@dataclass(slots=True)
class Job:
    """A claimed change that is being processed."""

    claim: Claim
    attempt: Attempt
    remaining: Callable[[], float]
    """Returns the seconds until Lambda ends the function."""
    is_out_of_focus: bool = False
    """Whether the focal point was edited after the claim: the outcome follows the older one."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """An original whose header was checked, and the recipe for it."""

    original: Original
    source: Source
    recipe: Recipe
    memory: int
    """Bytes that rendering it needs at its peak."""
