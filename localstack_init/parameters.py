"""Parameters from the operator, checked before anything is built or sent.

AWS checks them late, and emulators do not check them.
"""

import difflib
import re
from collections.abc import Mapping
from typing import Any

from localstack_init.cloudformation import StackError

OWN = ("ArtifactBucket", "CodeKey", "LayerKey")
"""Parameters of the artifacts: the deploy script sets them."""


def check_parameters(given: Mapping[str, str], declared: Mapping[str, Any]) -> None:
    """Raise ``StackError`` for unknown parameters, forbidden values, and the script's own ones.

    ``declared`` is the template's section.
    """
    for name, value in given.items():
        if name in OWN:
            raise StackError(f"{name} cannot be set with --param: the deploy script sets it.")
        if name == "Architecture":
            raise StackError("Architecture cannot be set with --param. Use --target.")
        if name not in declared:
            close = difflib.get_close_matches(name, declared, 1)
            hint = (
                f"Did you mean {close[0]}?"
                if close
                else f"Use one of {', '.join(sorted({*declared} - {*OWN, 'Architecture'}))}."
            )
            raise StackError(f"The template has no parameter {name}. {hint}")
        if wanted := _unmet(value, declared[name]):
            raise StackError(f"{name}={value} is not allowed: {name} {wanted}.")
    # Otherwise each webhook would fail.
    if given.get("WebhookUrl", "").startswith("http://") and given.get("WebhookPrivate") != "on":
        raise StackError(
            f"WebhookUrl={given['WebhookUrl']} is not allowed: it has to begin with https://, "
            "unless WebhookPrivate=on is set with it."
        )


def _unmet(value: str, declaration: Mapping[str, Any]) -> str | None:
    """Return the constraint that a value violates, as a predicate; None if it is allowed.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
    """
    allowed = [str(each) for each in declaration.get("AllowedValues", ())]
    if allowed and value not in allowed:
        return f"is one of {', '.join(allowed)}"
    if pattern := declaration.get("AllowedPattern"):
        reason: str = declaration.get("ConstraintDescription", f"matches {pattern}")
        return None if re.fullmatch(pattern, value) else reason
    if declaration["Type"] == "Number":
        return _unmet_number(value, declaration)
    return None


def _unmet_number(value: str, declaration: Mapping[str, Any]) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "is a number"
    least, most = declaration.get("MinValue"), declaration.get("MaxValue")
    if least is not None and number < least:
        return f"is at least {least}"
    if most is not None and number > most:
        return f"is at most {most}"
    return None
