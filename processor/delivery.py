"""What the work on a message has to know of its coming."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delivery:
    """One coming of one message."""

    message: str
    """Its id, the same each time."""
    number: int
    """How often it has come, from 1."""
    is_last: bool
    """The queue gives it to the dead-letter queue if it has to come again."""
    remaining: Callable[[], float]
    """Seconds until the function is ended."""
