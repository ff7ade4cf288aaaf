"""Patterns in policies: wildcards and policy variables.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

type Values = Mapping[str, Sequence[str]]
"""The request's values of each condition key, in lower case."""

_VARIABLE = re.compile(r"\$\{\s*(?P<name>[^},]*?)\s*(?:,\s*'(?P<default>[^']*)'\s*)?\}")
_LITERALS = frozenset("*?$")


class UndecidableError(ValueError):
    """A part of a policy can't be evaluated for a request; it never allows the request."""


def expanded(text: str, values: Values | None) -> str:
    """Return a text with its variables replaced; unchanged if ``values`` is None.

    Raises UndecidableError for a variable without a single value in the request.
    """
    return _joined(text, values, str, str)


def matches(pattern: str, text: str, values: Values | None) -> bool:
    """Return whether a pattern with ``*`` and ``?`` matches a whole text.

    A variable's value is literal: it may contain a ``*``. Raises UndecidableError as ``expanded``
    does.
    """
    if values is None or "${" not in pattern:
        return _compiled(pattern).fullmatch(text) is not None
    expression = _joined(pattern, values, _expression, re.escape)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def is_fixed(text: str) -> bool:
    """Return whether a text has no wildcard and no variable."""
    return not any(mark in text for mark in ("*", "?", "${"))


@lru_cache(maxsize=8192)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_expression(pattern), re.DOTALL)


def _expression(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


def _joined(
    text: str,
    values: Values | None,
    of_text: Callable[[str], str],
    of_value: Callable[[str], str],
) -> str:
    if values is None:
        return of_text(text)
    parts, end = [], 0
    for variable in _VARIABLE.finditer(text):
        parts.append(of_text(text[end : variable.start()]))
        parts.append(of_value(_value(variable, values)))
        end = variable.end()
    return "".join([*parts, of_text(text[end:])])


def _value(variable: re.Match[str], values: Values) -> str:
    name: str = variable["name"]
    if name in _LITERALS:
        return name
    found = values.get(name.lower(), ())
    if len(found) == 1:
        return found[0]
    if variable["default"] is not None and not found:
        return str(variable["default"])
    raise UndecidableError(f"The request has no single value of {variable[0]}.")
