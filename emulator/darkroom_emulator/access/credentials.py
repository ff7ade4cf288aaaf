"""The secrets of access keys that LocalStack knows."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest

from localstack import config, constants
from localstack.aws.accounts import get_account_id_from_access_key_id
from localstack.aws.api import CommonServiceException
from localstack.services.s3.constants import (
    DEFAULT_PRE_SIGNED_ACCESS_KEY_ID,
    DEFAULT_PRE_SIGNED_SECRET_ACCESS_KEY,
)
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

_ACCOUNT = re.compile(r"\d{12}")
_PARTITION = "aws"


class AccessError(CommonServiceException):
    """An error of S3 that LocalStack has no class for."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(code, message, status_code=status)


@dataclass(frozen=True, slots=True)
class Key:
    """An access key."""

    id: str
    secret: str
    token: str | None = None
    """The session's token; ``None`` for a key that lasts."""
    expires: datetime | None = None


def signing_key(access_key_id: str, token: str | None) -> Key:
    """Return the key that something says to be signed with.

    Raises AccessError where there is none, it is not active, or its session's token is another
    or over.
    """
    key = _find(access_key_id)
    if key is None or (key.token and not token):
        raise AccessError(
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            403,
        )
    if token and not compare_digest(token.encode(), (key.token or "").encode()):
        raise AccessError(
            "InvalidToken", "The provided token is malformed or otherwise invalid.", 400
        )
    if key.expires and key.expires < datetime.now(UTC):
        raise AccessError("ExpiredToken", "The provided token has expired.", 400)
    return key


def _find(access_key_id: str) -> Key | None:
    # LocalStack's own requests, among them the URLs of functions' code.
    if access_key_id in {constants.INTERNAL_AWS_ACCESS_KEY_ID, config.INTERNAL_RESOURCE_ACCOUNT}:
        return Key(access_key_id, constants.INTERNAL_AWS_SECRET_ACCESS_KEY)
    account = get_account_id_from_access_key_id(access_key_id)
    role = sts_backends[account][_PARTITION].get_assumed_role_from_access_key(access_key_id)
    if role:
        expires = role.expiration.replace(tzinfo=UTC)
        return Key(access_key_id, role.secret_access_key, role.session_token, expires)
    user = iam_backends[account][_PARTITION].access_keys.get(access_key_id)
    if user:
        return Key(access_key_id, user.secret_access_key) if user.status == "Active" else None
    # LocalStack takes the number of an account for an access key of it.
    if access_key_id == DEFAULT_PRE_SIGNED_ACCESS_KEY_ID or _ACCOUNT.fullmatch(access_key_id):
        return Key(access_key_id, DEFAULT_PRE_SIGNED_SECRET_ACCESS_KEY)
    return None
