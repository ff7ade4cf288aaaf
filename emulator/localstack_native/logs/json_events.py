"""Patterns of JSON events: ``{ $.level = "ERROR" && $.times[0] > 3 }``."""

import json
import re
from typing import Any

from localstack_native.logs.conditions import (
    Test,
    Value,
    check_regexes,
    comparison,
    expression,
)
from localstack_native.logs.matches import Match
from localstack_native.logs.scanner import STEP, InvalidPatternError, Kind, Token, Tokens

MOST_WILDCARDS = 3
"""The limit for a whole pattern; a selector has at most one wildcard."""

type Step = str | int | None
"""The name of a field, an index in an array, or None for all of them."""

ONE_STEP = re.compile(STEP, re.ASCII)
SELECTOR = re.compile(rf"\$(?:{STEP})+", re.ASCII)

STATES: dict[tuple[str, str], Test[list[Any]]] = {
    ("IS", "NULL"): lambda found: any(each is None for each in found),
    ("IS", "TRUE"): lambda found: any(each is True for each in found),
    ("IS", "FALSE"): lambda found: any(each is False for each in found),
    ("NOT", "EXISTS"): lambda found: not found,
}


class Selector:
    """The path of a value (``$.users[0].id``, ``$.['a.b']``) or values (``$.users[*].id``)."""

    def __init__(self, text: str) -> None:
        self._steps = [_step(found[0]) for found in ONE_STEP.finditer(text)]
        self.wildcards = self._steps.count(None)
        if self.wildcards > 1:
            raise InvalidPatternError(f"More than one wildcard in '{text}'")

    def find(self, document: Any) -> list[Any]:
        """Return the values at the path: none, one, or several with a wildcard."""
        found = [document]
        for step in self._steps:
            found = [inner for each in found for inner in _inside(each, step)]
        return found

    def values(self, document: Any) -> list[Value]:
        """Return the comparable values at the path: no null, array or object."""
        return [_value(each) for each in self.find(document) if isinstance(each, str | int | float)]


def _step(text: str) -> Step:
    text = text.removeprefix(".")
    if text in {"*", "[*]"}:
        return None
    if not text.startswith("["):
        return text
    inner = text[1:-1]
    # No array is larger than nine digits.
    return inner[1:-1] if inner[0] in "'\"" else int(inner[:9])


def _inside(value: Any, step: Step) -> list[Any]:
    if isinstance(value, dict):
        if step is None:
            return list(value.values())
        return [value[step]] if step in value else []
    if isinstance(value, list) and not isinstance(step, str):
        return value if step is None else value[step : step + 1]
    return []


def _value(found: str | float) -> Value:
    if isinstance(found, bool):
        return Value("true" if found else "false")
    return Value(found) if isinstance(found, str) else Value(str(found), found)


class JsonPattern:
    """A pattern of conditions on the values of a JSON object."""

    def __init__(self, pattern: str) -> None:
        if not pattern.endswith("}"):
            raise InvalidPatternError("Invalid filter pattern: a brace is not closed")
        self._selectors: dict[str, Selector] = {}
        tokens = Tokens(pattern[1:-1])
        check_regexes(tokens)
        self._test = expression(tokens, self._condition)
        if tokens.next:
            raise InvalidPatternError(f"Unexpected '{tokens.next.text}'")
        if sum(selector.wildcards for selector in self._selectors.values()) > MOST_WILDCARDS:
            raise InvalidPatternError(f"More than {MOST_WILDCARDS} wildcards in selectors")

    def match(self, message: str) -> Match | None:
        """Return a match with the values at the conditions' selectors."""
        try:
            document = json.loads(message)
        except (ValueError, RecursionError):
            return None
        if not isinstance(document, dict) or not self._test(document):
            return None
        extracted = {
            text: values[0].text
            for text, selector in self._selectors.items()
            if (values := selector.values(document))
        }
        return Match(extracted, lambda text: _find(document, text))

    def _condition(self, tokens: Tokens) -> Test[Any]:
        token = tokens.take()
        if token.kind is not Kind.SELECTOR:
            raise InvalidPatternError(f"'{token.text}' is not a selector")
        selector = self._selectors.setdefault(token.text, Selector(token.text))
        first, second = tokens.take(), tokens.take()
        if first.kind is Kind.WORD:
            return _state(selector, first, second)
        test = comparison(first, second)
        return lambda document: any(test(value) for value in selector.values(document))


def _state(selector: Selector, first: Token, second: Token) -> Test[Any]:
    state = STATES.get((first.text, second.text))
    if not state or second.kind is not Kind.WORD:
        raise InvalidPatternError(f"Unexpected '{first.text} {second.text}'")
    return lambda document: state(selector.find(document))


def _find(document: Any, text: str) -> str | None:
    if not SELECTOR.fullmatch(text):
        return None
    values = Selector(text).values(document)
    return values[0].text if values else None
