"""The secret that LocalStack's own requests are signed with.

LocalStack's constant is in its public source: a page could sign with it.
"""

import secrets
import sys
from functools import cache
from typing import Any

from localstack import constants

_NAME = "INTERNAL_AWS_SECRET_ACCESS_KEY"


@cache
def randomize() -> None:
    """Replace the constant, where it is defined and in every module that imported it."""
    known, new = constants.INTERNAL_AWS_SECRET_ACCESS_KEY, secrets.token_urlsafe(30)
    for name, module in list(sys.modules.items()):
        place: Any = module
        if name.startswith("localstack.") and vars(place).get(_NAME) == known:
            setattr(place, _NAME, new)
