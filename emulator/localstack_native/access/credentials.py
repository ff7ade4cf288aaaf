"""Access keys and their secrets: the installation's, role sessions', users' and internal ones."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest

from localstack import config, constants
from localstack.aws.accounts import get_account_id_from_access_key_id
from localstack.aws.api import CommonServiceException

from localstack_native import releases
from localstack_native.security import installation

HINT = "Use the emulator's own access key, which is in the file of EMULATOR_CREDENTIALS_FILE."

_ACCOUNT = re.compile(r"\d{12}")
_IN_HEADER = re.compile(r"(?:Credential=|^AWS )([^/:,\s]+)")
_TEST = "test"
_INTERNAL_IDS = {constants.INTERNAL_AWS_ACCESS_KEY_ID, config.INTERNAL_RESOURCE_ACCOUNT}

_sessions: dict[str, "Key"] = {}


class AccessError(CommonServiceException):
    """An S3 error that LocalStack has no class for."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(code, message, status_code=status)


@dataclass(frozen=True, slots=True)
class Key:
    """An access key."""

    id: str
    secret: str
    token: str | None = None
    """The session's token; None for a long-term key."""
    expires: datetime | None = None


def signing_key(access_key_id: str, token: str | None) -> Key:
    """Return the signing key of a presigned URL or a form, which browsers can send.

    Raises AccessError for an unknown or inactive key, and for a wrong or expired session token.
    """
    key = find(access_key_id)
    if key is None or (key.token and not token):
        raise AccessError(
            "InvalidAccessKeyId",
            f"The AWS Access Key Id you provided does not exist in our records. {HINT}",
            403,
        )
    if token and not compare_digest(token.encode(), (key.token or "").encode()):
        raise AccessError(
            "InvalidToken", "The provided token is malformed or otherwise invalid.", 400
        )
    if key.expires and key.expires < datetime.now(UTC):
        raise AccessError("ExpiredToken", "The provided token has expired.", 400)
    return key


def find(access_key_id: str) -> Key | None:
    """Return a key with a random secret: the installation's, a role session's, or a user's."""
    own = installation.access_key()
    if access_key_id == own.id:
        return Key(own.id, own.secret)
    if access_key_id in _INTERNAL_IDS:
        # LocalStack's internal requests, including the URLs of functions' code.
        return Key(access_key_id, constants.INTERNAL_AWS_SECRET_ACCESS_KEY)
    if known := _sessions.get(access_key_id):
        return known
    account = get_account_id_from_access_key_id(access_key_id)
    if role := releases.session(account, access_key_id):
        expires = role.expiration.replace(tzinfo=UTC)
        session = Key(access_key_id, role.secret_access_key, role.session_token, expires)
        # moto has sessions in a list; a session never changes.
        _sessions[access_key_id] = session
        return session
    user = releases.user_key(account, access_key_id)
    return Key(access_key_id, user[1]) if user else None


def is_of_account(access_key_id: str) -> bool:
    """Return whether an access key is that of an account's root user."""
    return (
        access_key_id == _TEST
        or access_key_id in _INTERNAL_IDS
        or access_key_id == installation.access_key().id
        or _ACCOUNT.fullmatch(access_key_id) is not None
    )


def find_for_headers(access_key_id: str) -> list[Key]:
    """Return the possible keys of a signature in a header, which browsers can't send.

    In addition to ``find``, these are LocalStack's defaults: ``test``/``test`` and account numbers.
    """
    if access_key_id == _TEST or _ACCOUNT.fullmatch(access_key_id):
        secrets = (_TEST, constants.INTERNAL_AWS_SECRET_ACCESS_KEY)
        return [Key(access_key_id, secret) for secret in secrets]
    key = find(access_key_id)
    return [key] if key else []


def access_key_id_of(authorization: str) -> str:
    """Return the access key in an Authorization header; an empty string if there is none."""
    found = _IN_HEADER.search(authorization)
    return found[1] if found else ""
