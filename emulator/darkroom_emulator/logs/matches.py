"""What a pattern found in a log event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def _nothing(_: str) -> None:
    return None


@dataclass(frozen=True)
class Match:
    """A log event that a pattern matches."""

    extracted: Mapping[str, str] = field(default_factory=dict)
    """The values that the pattern names, by their selectors (``$.status``, ``$status``)."""
    find: Callable[[str], str | None] = _nothing
    """Returns the value at a selector, of a JSON event at any, or None."""
