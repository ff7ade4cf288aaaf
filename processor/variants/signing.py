"""Signatures of variants' URLs, by a copy of the key that the CloudFront function checks.

Its own keys are in a KeyValueStore, whose reads need signatures of version 4A: botocore leaves them
to the package awscrt, which has 12 MB. ``localstack_init/variant_keys.py`` keeps the copy in step.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

CACHE_SECONDS = 60
"""Seconds for which the key is used without being read again. After a rotation it is the previous
one, by which URLs stay valid."""


class Signer:
    """Signs paths by the key in the SSM parameter ``name``."""

    def __init__(
        self, ssm: "Callable[[], SSMClient]", name: str, monotonic: Callable[[], float]
    ) -> None:
        self._ssm = ssm
        self._name = name
        self._monotonic = monotonic
        self._key = b""
        self._read_at = 0.0

    def path(self, key: str, options: str) -> str:
        """Return the path of a variant with its signature, without a slash before it.

        ``options`` are as in the URL. docs/reference/variants.md has the protocol. Raises
        botocore's ``ClientError`` if the key cannot be read.
        """
        signed = f"/{options}/{quote(key, safe='/')}"
        digest = hmac.new(self._signing_key(), signed.encode(), hashlib.sha256).digest()
        return f"i/{base64.urlsafe_b64encode(digest)[:22].decode()}{signed}"

    def _signing_key(self) -> bytes:
        now = self._monotonic()
        if not self._key or now - self._read_at >= CACHE_SECONDS:
            found = self._ssm().get_parameter(Name=self._name, WithDecryption=True)
            self._key = base64.urlsafe_b64decode(f"{found['Parameter']['Value']}=")
            self._read_at = now
        return self._key
