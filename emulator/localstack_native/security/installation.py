"""The installation's access key: random, in a file that only its user can read.

It signs presigned URLs and forms, which browsers can send. ``test``/``test`` does not, because
every page knows it.
"""

import os
from functools import cache
from pathlib import Path

from localstack import config

from localstack_native.security import access_key_file
from localstack_native.security.access_key_file import AccessKey


@cache
def access_key() -> AccessKey:
    """Return the emulator's key; the first call of an installation creates it."""
    named = os.environ.get(access_key_file.VARIABLE)
    file = Path(named or Path(config.dirs.var_libs) / "emulator-credentials")
    if not file.exists():
        access_key_file.create(file)
    return access_key_file.read(file)
