"""CloudFront identifiers: random ones, and stable ones for distributions of a stack."""

import hashlib
import secrets
import string
from collections.abc import Collection, Mapping
from itertools import count

STACK_ID_TAG = "aws:cloudformation:stack-id"
LOGICAL_ID_TAG = "aws:cloudformation:logical-id"
"""Tags of a stack's resource. Only CloudFormation sets tags that begin with ``aws:``."""

_CHARACTERS = string.ascii_uppercase + string.digits
_LENGTH = 13


def new_id() -> str:
    """Return an identifier such as ``EDFDVBD632BHDS``, which is used as ETag as well."""
    return "E" + "".join(secrets.choice(_CHARACTERS) for _ in range(_LENGTH))


def derived_id(tags: Mapping[str, str], taken: Collection[str]) -> str:
    """Return the identifier of a stack's distribution, the same each time the stack is created.

    Links and open tabs stay valid when the emulator's state is lost. The identifier is derived from
    the stack's account, region and name and from the logical ID, which the tags contain. If it is
    ``taken``, as by the distribution that an update replaces, the next one in a sequence is used.
    """
    stack = tags[STACK_ID_TAG].rpartition("/")[0]  # without the random part
    sequence = (_hashed(stack, tags[LOGICAL_ID_TAG], number) for number in count())
    return next(id_ for id_ in sequence if id_ not in taken)


def _hashed(*parts: object) -> str:
    digest = hashlib.sha256("/".join(map(str, parts)).encode()).digest()
    return "E" + "".join(_CHARACTERS[byte % len(_CHARACTERS)] for byte in digest[:_LENGTH])
