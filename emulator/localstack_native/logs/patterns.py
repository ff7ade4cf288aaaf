"""Filter patterns: terms, JSON events and space-delimited fields.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from functools import lru_cache
from typing import Protocol

from localstack_native.logs.fields import FieldPattern
from localstack_native.logs.json_events import JsonPattern
from localstack_native.logs.matches import Match
from localstack_native.logs.scanner import InvalidPatternError
from localstack_native.logs.terms import TermPattern

__all__ = ["InvalidPatternError", "Match", "Pattern", "parse"]

LONGEST = 1024


class Pattern(Protocol):
    """A filter pattern."""

    def match(self, message: str) -> Match | None:
        """Return the match in a log event's message, or None."""


@lru_cache(maxsize=256)
def parse(pattern: str) -> Pattern:
    """Parse a filter pattern; an empty one matches everything. Raises ``InvalidPatternError``."""
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
