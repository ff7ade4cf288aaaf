"""Calculation of request signatures, versions 4, 4A and 2, from an unparsed request.

Version 4: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
Version 4A, with an asymmetric key that is derived from the secret:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
Version 2: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from botocore.auth import HmacV1QueryAuth
from botocore.utils import normalize_url_path
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ALGORITHM = "AWS4-HMAC-SHA256"
ASYMMETRIC = "AWS4-ECDSA-P256-SHA256"
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
UNSIGNED = "UNSIGNED-PAYLOAD"
_SAFE = "-_.~"


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it was sent."""

    method: str
    path: str
    """Percent-encoded, without the query."""
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    """Names are in lower case."""
    bucket: str | None = None
    """The bucket in the host name; None if it is in the path."""


def query_pairs(query: str) -> list[tuple[str, str]]:
    """Return the decoded parameters of a query in their order; one without ``=`` has value ""."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    return [(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs]


def v4_of_text(secret: str, scope: Sequence[str], text: str) -> str:
    """Return the version 4 signature; ``scope`` is date, region, service and ``aws4_request``."""
    key = f"AWS4{secret}".encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    return hmac.digest(key, text.encode(), hashlib.sha256).hex()


def joined_headers(headers: Any) -> dict[str, str]:
    """Return headers by lower-case name; values of one name are joined by commas."""
    joined: dict[str, str] = {}
    for name, value in headers.items():
        lower = name.lower()
        joined[lower] = f"{joined[lower]},{value}" if lower in joined else value
    return joined


def path_of(uri: str) -> str:
    """Return the path of a request line's URI, which may contain the host."""
    if not uri.startswith("/"):
        uri = f"/{uri.partition('://')[2].partition('/')[2]}"
    return uri.partition("?")[0]


def v4_canonical(
    sent: Sent, signed_headers: Sequence[str], payload: str, *, is_s3: bool = True
) -> str:
    """Return the canonical request; ``payload`` is the body's SHA-256 or its placeholder.

    S3 signs the path unchanged; all other services normalize it and encode it a second time.
    """
    in_query = {name.lower(): value for name, value in sent.query}
    query = sorted(
        (quote(name, _SAFE), quote(value, _SAFE))
        for name, value in sent.query
        if name != "X-Amz-Signature"
    )
    # Some clients send signed headers only in the query.
    headers = {name: sent.headers.get(name, in_query.get(name, "")) for name in signed_headers}
    path = unquote(sent.path) if is_s3 else normalize_url_path(sent.path)
    return "\n".join(
        [
            sent.method,
            quote(path, f"/{_SAFE}"),
            "&".join(f"{name}={value}" for name, value in query),
            *(f"{name}:{' '.join(value.split())}" for name, value in sorted(headers.items())),
            "",
            ";".join(sorted(signed_headers)),
            payload,
        ]
    )


def v4_text(canonical: str, date: str, scope: Sequence[str], algorithm: str = ALGORITHM) -> str:
    """Return the string to sign for a canonical request."""
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return "\n".join([algorithm, date, "/".join(scope), digest])


def is_v4a(access_key_id: str, secret: str, text: str, given: str) -> bool:
    """Return whether ``given`` is a version 4A signature of a string to sign."""
    try:
        v4a_key(access_key_id, secret).public_key().verify(
            bytes.fromhex(given), text.encode(), ec.ECDSA(hashes.SHA256())
        )
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=256)
def v4a_key(access_key_id: str, secret: str) -> ec.EllipticCurvePrivateKey:
    """Return the key that version 4A derives from an access key (NIST SP 800-108, counter mode)."""
    for counter in range(1, 255):
        label = ASYMMETRIC.encode() + b"\0" + access_key_id.encode() + bytes([counter])
        message = (1).to_bytes(4) + label + (256).to_bytes(4)
        number = int.from_bytes(hmac.digest(f"AWS4A{secret}".encode(), message, hashlib.sha256))
        if number <= _P256_ORDER - 2:
            return ec.derive_private_key(number + 1, ec.SECP256R1())
    raise ValueError("The access key has no version 4A key.")


def v2_of_text(secret: str, text: str) -> str:
    """Return the version 2 signature."""
    digest = hmac.digest(secret.encode(), text.encode(), hashlib.sha1)
    return base64.b64encode(digest).decode()


def v2_text(sent: Sent, time: str) -> str:
    """Return the string to sign; ``time`` is a URL's ``Expires`` or a header's ``Date``.

    Signed headers may be in the query instead.
    """
    in_query = {name.lower(): value for name, value in sent.query}
    headers = in_query | dict(sent.headers)
    amz = sorted(
        f"{name}:{value.strip()}" for name, value in headers.items() if name.startswith("x-amz-")
    )
    parts = sorted(
        (name, value) for name, value in sent.query if name in HmacV1QueryAuth.QSAOfInterest
    )
    selectors = "&".join(f"{name}={value}" if value else name for name, value in parts)
    resource = f"/{sent.bucket}{sent.path}" if sent.bucket else sent.path
    if resource.count("/") == 1 and resource != "/":
        resource += "/"  # a bucket's resource
    return "\n".join(
        [
            sent.method,
            headers.get("content-md5", ""),
            headers.get("content-type", ""),
            time,
            *amz,
            f"{resource}?{selectors}" if selectors else resource,
        ]
    )
