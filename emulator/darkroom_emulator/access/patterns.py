"""Patterns of policies: wildcards and policy variables.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Callable, Mapping, Sequence

type Values = Mapping[str, Sequence[str]]
"""Condition keys in lower case, and what the request has of each."""

_VARIABLE = re.compile(r"\$\{\s*(?P<name>[^},]*?)\s*(?:,\s*'(?P<default>[^']*)'\s*)?\}")
_LITERALS = frozenset("*?$")


class UndecidableError(ValueError):
    """A part of a policy that cannot be compared with a request: no grant may rest upon it."""


def expanded(text: str, values: Values | None) -> str:
    """Return a text with its variables replaced; ``None`` for a policy that knows none.

    Raises UndecidableError for a variable that the request has no single value of.
    """
    return _joined(text, values, str, str)


def matches(pattern: str, text: str, values: Values | None) -> bool:
    """Tell whether a pattern with ``*`` and ``?`` covers the whole of a text.

    What a variable stands for is no pattern: a ``*`` in its value is a star. Raises
    UndecidableError as ``expanded`` does.
    """
    expression = _joined(pattern, values, _expression, re.escape)
    return re.fullmatch(expression, text, re.DOTALL) is not None


def is_fixed(text: str) -> bool:
    """Tell whether a text has neither a wildcard nor a variable."""
    return not any(mark in text for mark in ("*", "?", "${"))


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
