"""Mode of IAM: whether requests are judged, and whether refusals are enforced."""

import os
from functools import cache
from typing import Literal

from localstack_native import features

VARIABLE = "EMULATOR_IAM"
TRACE = "EMULATOR_IAM_TRACE"

type Mode = Literal["off", "log", "enforce"]


@cache
def mode() -> Mode:
    """Return the mode; ``off`` without the feature ``iam``."""
    if not features.is_enabled("iam"):
        return "off"
    match os.environ.get(VARIABLE):
        case "off":
            return "off"
        case "log":
            return "log"
        case _:
            return "enforce"


def is_enforced() -> bool:
    """Return whether refused requests get an error."""
    return mode() == "enforce"
