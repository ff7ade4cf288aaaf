"""ARN patterns of policies, matched with the ARN formats of resource types."""

import functools
import re
from fnmatch import fnmatchcase

_PLACEHOLDER = re.compile(r"(\$\{\w+\})")
_VARIABLE = re.compile(r"\$\{[^}]*\}")
# These names may have slashes and colons; other names end at the next one.
_PATHS = {
    "ObjectName",
    "LogGroupName",
    "LogStreamName",
    "RoleNameWithPath",
    "PolicyNameWithPath",
    "ParameterNameWithoutLeadingSlash",
    "StackName",
    "Id",
}
_ANYTHING, _NAME, _ONE = object(), object(), object()
_MANY = {_ANYTHING, _NAME}


def can_name(pattern: str, form: str) -> bool:
    """Return whether a policy's Resource matches any ARN of a format.

    ``form`` is an ARN format of the Service Authorization Reference, with ``${…}`` for names.
    """
    return _meet(_of_policy(pattern), _of_form(form))


def covers_all(pattern: str, form: str) -> bool:
    """Return whether a Resource matches every ARN of a format, at least in one account."""
    if pattern == "*":
        return True
    *_, wanted = pattern.split(":", 5)
    *_, given = form.split(":", 5)
    if not _PLACEHOLDER.search(given):
        return False
    return can_name(pattern, form) and fnmatchcase(_PLACEHOLDER.sub("\0", given), wanted)


def _of_policy(pattern: str) -> tuple[object, ...]:
    wild = {"*": _ANYTHING, "?": _ONE}
    return tuple(wild.get(each, each) for each in _VARIABLE.sub("*", pattern))


def _of_form(form: str) -> tuple[object, ...]:
    parts: list[object] = []
    for part in _PLACEHOLDER.split(form):
        if _PLACEHOLDER.fullmatch(part):
            parts.append(_ANYTHING if part[2:-1] in _PATHS else _NAME)
        else:
            parts += [_ANYTHING if each == "*" else each for each in part]
    return tuple(parts)


def _meet(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Return whether a text exists that matches both patterns."""

    @functools.cache
    def meet(i: int, j: int) -> bool:
        left, right = one[i : i + 1], other[j : j + 1]
        if not left and not right:
            return True
        if left and left[0] in _MANY:
            return meet(i + 1, j) or (_takes(left[0], right) and meet(i, j + 1))
        if right and right[0] in _MANY:
            return meet(i, j + 1) or (_takes(right[0], left) and meet(i + 1, j))
        return _same(left, right) and meet(i + 1, j + 1)

    return meet(0, 0)


def _takes(many: object, each: tuple[object, ...]) -> bool:
    return bool(each) and (many is _ANYTHING or each[0] not in {"/", ":", _ANYTHING})


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return bool(one and other) and (one == other or _ONE in one + other)
