"""Conditions on values in JSON and field patterns: comparisons, regexes, ``&&``, ``||``."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt, ne

from localstack_native.logs.scanner import InvalidPatternError, Kind, Token, Tokens

type Test[S] = Callable[[S], bool]

COMPARED = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}

NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?", re.IGNORECASE)
DIGITS = re.compile(r"[+-]?[0-9]{1,1000}")

MOST_REGEXES = 2
ALLOWED = re.compile(r"[A-Za-z0-9:_#=@/;,\-^$?\[\]{}|\\*+.]+")
"""Characters that AWS allows in a regular expression: no parentheses, no spaces (use ``\\s``)."""


def number(text: str) -> float | None:
    """Return a text's number; None if it is not a number."""
    if DIGITS.fullmatch(text):
        return int(text)
    return float(text) if NUMBER.fullmatch(text) else None


@dataclass(frozen=True)
class Value:
    """A value of a log event."""

    text: str
    number: float | None = None


def regex(text: str) -> re.Pattern[str]:
    """Return the compiled regular expression of a pattern's ``%…%``."""
    if not ALLOWED.fullmatch(text):
        raise InvalidPatternError(f"Invalid character(s) in regex '{text}'")
    try:
        return re.compile(text, re.ASCII)
    except (re.error, OverflowError) as error:
        raise InvalidPatternError(f"Invalid regex '{text}': {error}") from error


def check_regexes(tokens: Tokens) -> None:
    """Raise InvalidPatternError for too many regular expressions."""
    if tokens.count(Kind.REGEX) > MOST_REGEXES:
        raise InvalidPatternError(f"A filter pattern has at most {MOST_REGEXES} regexes")


def comparison(sign: Token, literal: Token) -> Test[Value]:
    """Return the test of a comparison: an operator and the literal at its right."""
    if sign.kind is not Kind.SIGN or sign.text not in COMPARED:
        raise InvalidPatternError(f"Invalid operator '{sign.text}'")
    if literal.kind is Kind.WORD and (wanted := number(literal.text)) is not None:
        return _numeric(sign.text, literal.text, wanted)
    if sign.text not in {"=", "!="}:
        raise InvalidPatternError(f"'{literal.text}' is not a number to compare with")
    if literal.kind is Kind.REGEX:
        expression = regex(literal.text)
        return lambda value: bool(expression.search(value.text)) is (sign.text == "=")
    if literal.kind in {Kind.WORD, Kind.QUOTED}:
        is_like = wildcards(literal.text)
        return lambda value: is_like(value.text) is (sign.text == "=")
    raise InvalidPatternError(f"Unexpected '{literal.text}'")


def _numeric(sign: str, text: str, wanted: float) -> Test[Value]:
    compare = COMPARED[sign]

    def test(value: Value) -> bool:
        if value.number is not None:
            return bool(compare(value.number, wanted))
        return sign in {"=", "!="} and bool(compare(value.text, text))

    return test


def wildcards(pattern: str) -> Test[str]:
    """Return a test of strings: an asterisk at either end matches anything, elsewhere itself."""
    if pattern == "*":
        return lambda _: True
    starts, ends = pattern.startswith("*"), pattern.endswith("*")
    bare = pattern[starts : len(pattern) - ends]
    if starts and ends:
        return lambda text: bare in text
    if starts:
        return lambda text: text.endswith(bare)
    if ends:
        return lambda text: text.startswith(bare)
    return lambda text: text == bare


def expression[S](tokens: Tokens, atom: Callable[[Tokens], Test[S]]) -> Test[S]:
    """Parse conditions with ``||``, ``&&`` and parentheses; ``&&`` binds tighter."""
    tests = [_conjunction(tokens, atom)]
    while tokens.take_sign("||"):
        tests.append(_conjunction(tokens, atom))
    return _joined(any, tests)


def _conjunction[S](tokens: Tokens, atom: Callable[[Tokens], Test[S]]) -> Test[S]:
    tests = [_single(tokens, atom)]
    while tokens.take_sign("&&"):
        tests.append(_single(tokens, atom))
    return _joined(all, tests)


def _single[S](tokens: Tokens, atom: Callable[[Tokens], Test[S]]) -> Test[S]:
    if not tokens.take_sign("("):
        return atom(tokens)
    test = expression(tokens, atom)
    if not tokens.take_sign(")"):
        raise InvalidPatternError("Invalid filter pattern: a parenthesis is not closed")
    return test


def _joined[S](join: Callable[[Iterable[bool]], bool], tests: list[Test[S]]) -> Test[S]:
    if len(tests) == 1:
        return tests[0]
    return lambda subject: join(test(subject) for test in tests)
