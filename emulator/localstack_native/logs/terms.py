"""Term patterns: ``ERROR -"exit code" %40[0-9]%``, ``?ERROR ?WARN``."""

import re
from collections.abc import Iterator

from localstack_native.logs.conditions import Test, regex
from localstack_native.logs.matches import Match
from localstack_native.logs.scanner import QUOTED, REGEX, InvalidPatternError, unquoted

TERM = re.compile(rf"\s*(?:([?-])\s*)?({QUOTED}|{REGEX}|\w+)(?=\s|$)", re.ASCII)


class TermPattern:
    """A pattern of required terms, optional terms (``?``) and excluded terms (``-``).

    As on AWS, optional terms count only if the pattern has no others.
    """

    def __init__(self, pattern: str) -> None:
        terms = list(_terms(pattern))
        self._all = [test for sign, test in terms if not sign]
        self._none = [test for sign, test in terms if sign == "-"]
        self._any = [test for sign, test in terms if sign == "?"]

    def match(self, message: str) -> Match | None:
        """Return a match without values."""
        if self._all or self._none:
            found = all(test(message) for test in self._all) and not any(
                test(message) for test in self._none
            )
        else:
            found = not self._any or any(test(message) for test in self._any)
        return Match() if found else None


def _terms(pattern: str) -> Iterator[tuple[str, Test[str]]]:
    position, pattern = 0, pattern.rstrip()
    while position < len(pattern):
        found = TERM.match(pattern, position)
        if not found:
            raise InvalidPatternError(
                f"Invalid character(s) in term '{pattern[position:].strip()}'"
            )
        position = found.end()
        yield found[1] or "", _test(found[2])


def _test(term: str) -> Test[str]:
    if term.startswith("%"):
        expression = regex(term[1:-1])
        return lambda message: bool(expression.search(message))
    text = unquoted(term) if term.startswith('"') else term
    return lambda message: text in message
