"""Filter patterns, of all three kinds.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from functools import lru_cache
from typing import Protocol

from darkroom_emulator.logs.fields import FieldPattern
from darkroom_emulator.logs.json_events import JsonPattern
from darkroom_emulator.logs.matches import Match
from darkroom_emulator.logs.scanner import InvalidPatternError
from darkroom_emulator.logs.terms import TermPattern

__all__ = ["InvalidPatternError", "Match", "Pattern", "parse"]

LONGEST = 1024


class Pattern(Protocol):
    """A filter pattern."""

    def match(self, message: str) -> Match | None:
        """Return what was found in a log event's message, or None if it does not match."""


@lru_cache(maxsize=256)
def parse(pattern: str) -> Pattern:
    """Read a filter pattern; an empty one matches everything. Raises ``InvalidPatternError``."""
    if len(pattern) > LONGEST:
        raise InvalidPatternError(f"A filter pattern has at most {LONGEST} characters")
    text = pattern.strip()
    try:
        if text.startswith("{"):
            return JsonPattern(text)
        if text.startswith("["):
            return FieldPattern(text)
        return TermPattern(text)
    except RecursionError as error:
        raise InvalidPatternError("Invalid filter pattern: too many parentheses") from error
