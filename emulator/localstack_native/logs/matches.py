"""The match of a filter pattern in a log event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def _nothing(_: str) -> None:
    return None


@dataclass(frozen=True)
class Match:
    """A log event that a pattern matches."""

    extracted: Mapping[str, str] = field(default_factory=dict)
    """The pattern's values by selector (``$.status``, ``$status``)."""
    find: Callable[[str], str | None] = _nothing
    """Returns the value at a selector, or None; in a JSON event, at any selector."""
