"""File of an access key, in AWS's shared credentials format.

https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
"""

import configparser
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "EMULATOR_CREDENTIALS_FILE"
_PROFILE = "default"
_ID, _SECRET = "aws_access_key_id", "aws_secret_access_key"
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key ID and its secret."""

    id: str
    secret: str


def read(file: Path) -> AccessKey:
    """Return the key in a file. Raises ValueError for a file without a key, and OSError."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(file.read_text())
        key = AccessKey(parser[_PROFILE][_ID], parser[_PROFILE][_SECRET])
    except (configparser.Error, KeyError, UnicodeDecodeError):
        key = AccessKey("", "")
    if not key.id or not key.secret:
        raise ValueError(
            f"{file} contains no access key in AWS's shared credentials format. Remove it: the next"
            " start creates a new key."
        )
    return key


def create(file: Path) -> None:
    """Create a file with a new key, unless it exists."""
    # Not AKIA…: LocalStack decodes an account number from such a key.
    key_id = "EMUL" + "".join(secrets.choice(_ALPHABET) for _ in range(16))
    text = f"[{_PROFILE}]\n{_ID} = {key_id}\n{_SECRET} = {secrets.token_urlsafe(30)}\n"
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
