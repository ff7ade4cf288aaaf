"""Patterns of events in fields that spaces part: ``[ip, ..., code = 4* && code != 404, bytes]``.

In an event, what is between square brackets or double quotes is one field.
"""

import re
from collections.abc import Mapping

from darkroom_emulator.logs.conditions import (
    Test,
    Value,
    check_regexes,
    comparison,
    expression,
    number,
)
from darkroom_emulator.logs.matches import Match
from darkroom_emulator.logs.scanner import InvalidPatternError, Kind, Tokens

FIELD = re.compile(r'\[([^\]]*)\](?=\s|$)|"((?:[^"\\]|\\.)*)"(?=\s|$)|(\S+)')

type Fields = Mapping[str, Value]

REST = "..."


class FieldPattern:
    """Names of all fields, in their order, with conditions on some.

    ``...`` stands for any number of fields, and may stand once.
    """

    def __init__(self, pattern: str) -> None:
        if not pattern.endswith("]"):
            raise InvalidPatternError("Invalid filter pattern: a bracket is not closed")
        self._names: list[str] = []
        self._tests: list[Test[Fields]] = []
        self._asked: set[str] = set()
        tokens = Tokens(pattern[1:-1])
        check_regexes(tokens)
        self._read_field(tokens)
        while tokens.take_sign(","):
            self._read_field(tokens)
        if tokens.next:
            raise InvalidPatternError(f"Unexpected '{tokens.next.text}'")
        if self._names.count(REST) > 1:
            raise InvalidPatternError("Invalid filter pattern: more than one '...'")
        if unknown := self._asked - set(self._names):
            raise InvalidPatternError(f"No field is named '{min(unknown)}'")

    def match(self, message: str) -> Match | None:
        """Return a match with all fields; those without a name have their number."""
        texts = [found[1] or found[2] or found[3] or "" for found in FIELD.finditer(message)]
        names = self._names_of(len(texts))
        if names is None:
            return None
        fields = {name: Value(text, number(text)) for name, text in zip(names, texts, strict=True)}
        if not all(test(fields) for test in self._tests):
            return None
        extracted = {f"${name}": value.text for name, value in fields.items()}
        return Match(extracted, extracted.get)

    def _names_of(self, count: int) -> list[str] | None:
        """Return the names of as many fields, or None if there are too many or too few."""
        names = self._names
        if REST in names:
            missing = count - len(names) + 1
            if missing < 0:
                return None
            at = names.index(REST)
            names = [*names[:at], *[""] * missing, *names[at + 1 :]]
        if len(names) != count:
            return None
        return [name or f"{place}" for place, name in enumerate(names, 1)]

    def _read_field(self, tokens: Tokens) -> None:
        self._named = ""
        if tokens.take_sign(REST):
            self._names.append(REST)
            return
        if tokens.next and not tokens.next.is_sign(","):
            self._tests.append(expression(tokens, self._condition))
        self._names.append(self._named)

    def _condition(self, tokens: Tokens) -> Test[Fields]:
        """Read a condition, or a name alone; the first name in a field's place is the field's."""
        token = tokens.take()
        if token.kind is not Kind.WORD:
            raise InvalidPatternError(f"'{token.text}' is no name of a field")
        name = token.text
        self._named = self._named or name
        self._asked.add(name)
        if tokens.next is None or tokens.next.is_sign(",", "&&", "||", ")"):
            return lambda _: True
        test = comparison(tokens.take(), tokens.take())
        return lambda fields: test(fields[name])
