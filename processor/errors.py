"""How work on an original may end besides the picture's own fault (``ImageError``)."""

from typing import Literal

Code = Literal[
    "missing-original",
    "forbidden",
    "archived",
    "key-too-long",
    "too-costly",
    "unknown-recipe",
    "gave-up",
]


MISSING_ORIGINAL: Code = "missing-original"


class PermanentError(Exception):
    """An original that cannot be processed, now or later; fields as in ``ImageError``."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message


class OvertakenError(Exception):
    """Something newer is known of the key: this work is out of date."""


class DuplicateError(Exception):
    """The change has its outcome, or another message's delivery is at work on it."""


class BusyError(Exception):
    """Another delivery of the same message is at work: this one has to come again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Another attempt may be at work for {seconds:.0f} s more.")
        self.seconds = seconds
        """Until that one has ended for certain."""


class OutOfTimeError(Exception):
    """The function's time is too short for what is left to do."""


class MalformedMessageError(ValueError):
    """A message in the queue that cannot be acted on, now or later. Says what is wrong with it."""
