"""The API's clock: what its operations use of the module ``time``."""

from typing import Protocol


class Clock(Protocol):
    """The module ``time``, or a test's own clock."""

    def time(self) -> float:
        """Return the seconds since 1970."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""

    def sleep(self, seconds: float, /) -> None:
        """Wait for some seconds."""
