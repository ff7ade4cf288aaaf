"""Conditions of policy statements: operators, set prefixes, ``IfExists``.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
"""

import base64
import binascii
import ipaddress
import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from localstack_native.access.patterns import UndecidableError, Values, expanded, matches

type Comparison = Callable[[str, str, Values | None], bool]
"""Compares a policy's value with a request's; the third argument has the values of variables."""

_ARN_PARTS = 6


def listed(element: Any) -> list[str]:
    """Return an element, one value or a list of values, as a list of strings."""
    values = element if isinstance(element, list | tuple) else [element]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in values]


def hold(
    conditions: Mapping[str, Any],
    values: Values,
    variables: Values | None,
    assumed: Mapping[str, bool] | None = None,
) -> bool:
    """Return whether all conditions of a statement hold.

    ``assumed`` has the result of each condition with a key, in lower case and without the part
    after a slash (``aws:resourcetag/name``). Raises UndecidableError for an operator that AWS does
    not have and for values that cannot be compared.
    """
    # All are evaluated: one that does not hold must not hide an undecidable one.
    results = [
        assumed[base]
        if assumed and (base := key.lower().partition("/")[0]) in assumed
        else _holds(name, wanted, values.get(key.lower(), ()), variables)
        for name, key, wanted in each(conditions)
    ]
    return all(results)


def each(conditions: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield operator, key and wanted values of each condition."""
    if not isinstance(conditions, Mapping):
        raise UndecidableError("The Condition element is not an object.")
    for name, keys in conditions.items():
        if not isinstance(keys, Mapping):
            raise UndecidableError(f"The condition {name} is not an object.")
        for key, wanted in keys.items():
            yield name, key, listed(wanted)


def parsed(name: str) -> tuple[str, str, bool]:
    """Return the set prefix, the operator, and whether ``IfExists`` follows it.

    Raises UndecidableError for an operator that AWS does not have.
    """
    quantifier, colon, rest = name.rpartition(":")
    base = rest.removesuffix("IfExists")
    if_exists = base != rest
    known = base in POSITIVE or base in NEGATED or (base == "Null" and not if_exists)
    if not known or (colon and quantifier not in {"ForAllValues", "ForAnyValue"}):
        raise UndecidableError(f"The condition operator {name} does not exist on AWS.")
    return quantifier, base, if_exists


def _holds(name: str, wanted: list[str], found: Any, variables: Values | None) -> bool:
    quantifier, base, if_exists = parsed(name)
    if base == "Null":
        return any((want.lower() == "true") == (not found) for want in wanted)
    if not found:
        if if_exists:
            return True
        return quantifier == "ForAllValues" if quantifier else base in NEGATED

    def satisfies(value: str) -> bool:
        if base in NEGATED:
            return not any(NEGATED[base](want, value, variables) for want in wanted)
        return any(POSITIVE[base](want, value, variables) for want in wanted)

    results = [satisfies(value) for value in found]
    return any(results) if quantifier == "ForAnyValue" else all(results)


def _equal(want: str, value: str, variables: Values | None) -> bool:
    return expanded(want, variables) == value


def _equal_in_any_case(want: str, value: str, variables: Values | None) -> bool:
    return expanded(want, variables).lower() == value.lower()


def _bool(want: str, value: str, _: Values | None) -> bool:
    return want.lower() == value.lower()


def _arn(want: str, value: str, variables: Values | None) -> bool:
    """Compare part by part: "each of the six colon-delimited components […] separately"."""
    wants, parts = want.split(":", _ARN_PARTS - 1), value.split(":", _ARN_PARTS - 1)
    if want.count("${") and variables is not None:
        # A variable's name has a colon: the pattern is matched as a whole.
        return matches(want, value, variables)
    if len(wants) != _ARN_PARTS or len(parts) != _ARN_PARTS:
        return want == "*"
    return all(matches(*pair, variables) for pair in zip(wants, parts, strict=True))


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise UndecidableError(f"Not a number: {text}.") from error
    if number.is_nan():
        raise UndecidableError(f"Not a number: {text}.")
    return number


def _date(text: str) -> datetime:
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC)
        date = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise UndecidableError(f"Not a date: {text}.") from error
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _comparison(read: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Comparison:
    return lambda want, value, _: compare(read(value), read(want))


def _address(want: str, value: str, _: Values | None) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(want, strict=False)
    except ValueError as error:
        raise UndecidableError(f"Not an address or range: {want}, {value}.") from error


def _binary(want: str, value: str, _: Values | None) -> bool:
    try:
        return base64.b64decode(want, validate=True) == base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise UndecidableError(f"Not base64: {want}, {value}.") from error


POSITIVE: dict[str, Comparison] = {
    "StringEquals": _equal,
    "StringEqualsIgnoreCase": _equal_in_any_case,
    "StringLike": matches,
    "ArnEquals": _arn,
    "ArnLike": _arn,
    "NumericEquals": _comparison(_number, operator.eq),
    "NumericLessThan": _comparison(_number, operator.lt),
    "NumericLessThanEquals": _comparison(_number, operator.le),
    "NumericGreaterThan": _comparison(_number, operator.gt),
    "NumericGreaterThanEquals": _comparison(_number, operator.ge),
    "DateEquals": _comparison(_date, operator.eq),
    "DateLessThan": _comparison(_date, operator.lt),
    "DateLessThanEquals": _comparison(_date, operator.le),
    "DateGreaterThan": _comparison(_date, operator.gt),
    "DateGreaterThanEquals": _comparison(_date, operator.ge),
    "Bool": _bool,
    "IpAddress": _address,
    "BinaryEquals": _binary,
}
NEGATED: dict[str, Comparison] = {
    "StringNotEquals": _equal,
    "StringNotEqualsIgnoreCase": _equal_in_any_case,
    "StringNotLike": matches,
    "ArnNotEquals": _arn,
    "ArnNotLike": _arn,
    "NumericNotEquals": _comparison(_number, operator.eq),
    "DateNotEquals": _comparison(_date, operator.eq),
    "NotIpAddress": _address,
}
"""The negated comparison of each operator, which holds if no wanted value satisfies it."""
