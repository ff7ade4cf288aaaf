"""Random replacement of the secret that signs LocalStack's internal requests.

LocalStack's constant is public: a page could sign requests with it.
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
        target: Any = module
        if name.startswith("localstack.") and vars(target).get(_NAME) == known:
            setattr(target, _NAME, new)
