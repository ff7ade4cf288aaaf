"""What an operator may give as parameters, checked before anything is built or asked for.

AWS says the same of values, but late and in its own words; emulators don't look at them at all.
"""

import difflib
import re
from collections.abc import Mapping
from typing import Any

from localstack_init.stack import StackError

OWN = ("ArtifactBucket", "CodeKey", "LayerKey")
"""Those that say where the artifacts are: the script gives them."""


def check_parameters(given: Mapping[str, str], declared: Mapping[str, Any]) -> None:
    """Refuse what is not the operator's, what there is not, and values that are not allowed.

    ``declared`` is the template's section. Raises ``StackError``.
    """
    for name, value in given.items():
        if name in OWN:
            raise StackError(f"{name} is not for giving: it follows from what is deployed.")
        if name == "Architecture":
            raise StackError("Architecture follows from --target, for which the layer is built.")
        if name not in declared:
            close = difflib.get_close_matches(name, declared, 1)
            hint = (
                f"Is it {close[0]}?"
                if close
                else f"It has {', '.join(sorted({*declared} - {*OWN, 'Architecture'}))}."
            )
            raise StackError(f"The template has no parameter {name}. {hint}")
        if wanted := _unmet(value, declared[name]):
            raise StackError(f"{name}={value} is not possible: {name} {wanted}.")


def _unmet(value: str, declaration: Mapping[str, Any]) -> str | None:
    """What CloudFormation wants of the value, unless it is so.

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
