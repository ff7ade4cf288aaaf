"""The installation's access key: random, in a file that only its user can read.

It signs presigned URLs and forms, which browsers can send. ``test``/``test`` does not, because
every page knows it.
"""

import configparser
import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from localstack import config

VARIABLE = "EMULATOR_CREDENTIALS_FILE"
_PROFILE = "default"
_ID, _SECRET = "aws_access_key_id", "aws_secret_access_key"
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key ID and its secret."""

    id: str
    secret: str


@cache
def access_key() -> AccessKey:
    """Return the emulator's key; the first call of an installation creates it."""
    named = os.environ.get(VARIABLE)
    return read_or_create(Path(named or Path(config.dirs.var_libs) / "emulator-credentials"))


def read_or_create(file: Path) -> AccessKey:
    """Return the key in a file of AWS's shared credentials format; create both if missing.

    https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html

    Raises ValueError for a file without a key.
    """
    if not file.exists():
        _create(file)
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(file)
        return AccessKey(parser[_PROFILE][_ID], parser[_PROFILE][_SECRET])
    except (configparser.Error, KeyError) as error:
        raise ValueError(
            f"{file} contains no access key in AWS's shared credentials format. Remove it: the next"
            " start creates a new key."
        ) from error


def _create(file: Path) -> None:
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
