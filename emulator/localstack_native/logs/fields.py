"""Patterns of space-delimited fields: ``[ip, ..., code = 4* && code != 404, bytes]``.

In an event, a text in square brackets or double quotes is one field.
"""

import re
from collections.abc import Mapping

from localstack_native.logs.conditions import (
    Test,
    Value,
    check_regexes,
    comparison,
    expression,
    number,
)
from localstack_native.logs.matches import Match
from localstack_native.logs.scanner import InvalidPatternError, Kind, Tokens

FIELD = re.compile(r'\[([^\]]*)\](?=\s|$)|"((?:[^"\\]|\\.)*)"(?=\s|$)|(\S+)')

type Fields = Mapping[str, Value]

REST = "..."


class FieldPattern:
    """A pattern with the names of all fields in order, and conditions on some of them.

    ``...`` matches any number of fields, and may occur once.
    """

    def __init__(self, pattern: str) -> None:
        if not pattern.endswith("]"):
            raise InvalidPatternError("Invalid filter pattern: a bracket is not closed")
        self._names: list[str] = []
        self._tests: list[Test[Fields]] = []
        self._tested: set[str] = set()
        tokens = Tokens(pattern[1:-1])
        check_regexes(tokens)
        self._read_field(tokens)
        while tokens.take_sign(","):
            self._read_field(tokens)
        if tokens.next:
            raise InvalidPatternError(f"Unexpected '{tokens.next.text}'")
        if self._names.count(REST) > 1:
            raise InvalidPatternError("Invalid filter pattern: more than one '...'")
        if unknown := self._tested - set(self._names):
            raise InvalidPatternError(f"Unknown field '{min(unknown)}'")

    def match(self, message: str) -> Match | None:
        """Return a match with all fields; fields without a name are named by their number."""
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
        """Return the names of ``count`` fields; None if the pattern has another number."""
        names = self._names
        if REST in names:
            missing = count - len(names) + 1
            if missing < 0:
                return None
            at = names.index(REST)
            names = [*names[:at], *[""] * missing, *names[at + 1 :]]
        if len(names) != count:
            return None
        return [name or str(number) for number, name in enumerate(names, 1)]

    def _read_field(self, tokens: Tokens) -> None:
        self._named = ""
        if tokens.take_sign(REST):
            self._names.append(REST)
            return
        if tokens.next and not tokens.next.is_sign(","):
            self._tests.append(expression(tokens, self._condition))
        self._names.append(self._named)

    def _condition(self, tokens: Tokens) -> Test[Fields]:
        """Parse a condition or a name; the first name at a field's position is the field's."""
        token = tokens.take()
        if token.kind is not Kind.WORD:
            raise InvalidPatternError(f"'{token.text}' is not a field name")
        name = token.text
        self._named = self._named or name
        self._tested.add(name)
        if tokens.next is None or tokens.next.is_sign(",", "&&", "||", ")"):
            return lambda _: True
        test = comparison(tokens.take(), tokens.take())
        return lambda fields: test(fields[name])
