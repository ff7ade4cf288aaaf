"""Signed URLs and signed cookies: which requests a behavior with trusted key groups serves.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-cookies.html
"""

import base64
import binascii
import ipaddress
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from werkzeug.datastructures import Headers

from localstack_native.cloudfront.messages import Request, Response
from localstack_native.cloudfront.store import CloudFrontStore, Distribution, store_of

PARAMETERS = frozenset({"Expires", "Hash-Algorithm", "Key-Pair-Id", "Policy", "Signature"})
"""The parameters of a signed URL; a cookie's name begins with ``CloudFront-``."""

_CANNED = (
    '{{"Statement":[{{"Resource":"{}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{}}}}}}}]}}'
)
_SAFE = str.maketrans("-_~", "+=/")

type Key = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class _RefusedError(Exception):
    """A request that is not served, with CloudFront's code and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def public_key(encoded: str) -> Key:
    """Return a public key that viewers' requests can be signed with. Raises ValueError."""
    key = load_pem_public_key(encoded.encode())
    is_rsa = isinstance(key, rsa.RSAPublicKey) and key.key_size == 2048
    is_ec = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1"
    if not (is_rsa or is_ec):
        raise ValueError("A public key must be RSA with 2048 bits, or ECDSA with the curve P-256.")
    assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
    return key


def key_groups(behavior: Mapping[str, Any]) -> list[str]:
    """Return the identifiers of a behavior's trusted key groups."""
    trusted = behavior.get("TrustedKeyGroups") or {}
    return list(trusted.get("Items") or ()) if trusted.get("Enabled") else []


def refusal(
    distribution: Distribution, behavior: Mapping[str, Any], request: Request
) -> Response | None:
    """Return the error for a request that is not signed as the behavior demands; else None."""
    if not (groups := key_groups(behavior)):
        return None
    try:
        _check(store_of(distribution.account), groups, request)
    except _RefusedError as error:
        return _error(error.code, str(error))
    return None


def unsigned(behavior: Mapping[str, Any], request: Request) -> Request:
    """Return a request without the parameters of a signed URL, which origins do not get."""
    if not key_groups(behavior):
        return request
    return replace(request, query=request.query.only(lambda name: name not in PARAMETERS))


def _check(store: CloudFrontStore, groups: list[str], request: Request) -> None:
    given = _given(request)
    id_ = given.get("Key-Pair-Id")
    if not id_:
        raise _RefusedError("MissingKey", "Missing Key-Pair-Id query parameter or cookie value")
    trusted = {key for group in groups for key in store.key_groups[group].config["Items"]}
    found = store.public_keys.get(id_) if id_ in trusted else None
    if found is None:
        raise _RefusedError("InvalidKey", "Unknown Key")
    key = public_key(found.config["EncodedKey"])
    signature, algorithm = _decoded(given.get("Signature", "")), hashes.SHA1()  # noqa: S303
    chosen: hashes.HashAlgorithm = (
        hashes.SHA256() if given.get("Hash-Algorithm") == "SHA256" else algorithm
    )
    if "Policy" in given:
        policy = _decoded(given["Policy"])
        if not _is_signed(key, signature, policy, chosen) or not _allows(policy, request):
            raise _denied()
        return
    expires = given.get("Expires", "")
    if not expires.isdigit() or int(expires) <= time.time():
        raise _denied()
    texts = (_CANNED.format(url, expires).encode() for url in _urls(request))
    if not any(_is_signed(key, signature, text, chosen) for text in texts):
        raise _denied()


def _given(request: Request) -> dict[str, str]:
    """Return the parameters of a signed URL, or of signed cookies if the URL has none."""
    parts = (part.partition("=") for part in request.query.text.split("&"))
    found = {name: value for name, _, value in parts if name in PARAMETERS}
    if found:
        return found
    pairs = (
        part.strip().partition("=")
        for part in ";".join(request.headers.getlist("Cookie")).split(";")
    )
    return {
        name.removeprefix("CloudFront-"): value
        for name, _, value in pairs
        if name.startswith("CloudFront-")
    }


def _urls(request: Request) -> Iterator[str]:
    """Yield the URLs that a signature may be for: the emulator serves HTTP and HTTPS as one."""
    query = request.query.only(lambda name: name not in PARAMETERS).text
    rest = f"{request.headers.get('Host', '')}{request.prefix}{request.path}"
    for scheme in ("https", "http"):
        yield f"{scheme}://{rest}{f'?{query}' if query else ''}"


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.translate(_SAFE), validate=True)
    except binascii.Error as error:
        raise _denied() from error


def _is_signed(key: Key, signature: bytes, text: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, text, padding.PKCS1v15(), algorithm)
        else:
            key.verify(signature, text, ec.ECDSA(algorithm))
    except InvalidSignature:
        return False
    return True


def _allows(policy: bytes, request: Request) -> bool:
    """Return whether a custom policy allows a request now, for its URL and address."""
    try:
        [statement] = json.loads(policy)["Statement"]
        conditions = statement["Condition"]
        until = int(conditions["DateLessThan"]["AWS:EpochTime"])
        since = int((conditions.get("DateGreaterThan") or {}).get("AWS:EpochTime", 0))
        network = (conditions.get("IpAddress") or {}).get("AWS:SourceIp", "0.0.0.0/0")
        resource = str(statement.get("Resource", "*"))
        is_near = ipaddress.ip_address(request.address) in ipaddress.ip_network(network)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _RefusedError("MalformedPolicy", "Malformed Policy") from error
    wild = re.escape(resource).replace(r"\*", ".*").replace(r"\?", ".")
    names = any(re.fullmatch(wild, url, re.DOTALL) for url in _urls(request))
    return is_near and names and since < time.time() < until


def _denied() -> _RefusedError:
    return _RefusedError("AccessDenied", "Access denied")


def _error(code: str, message: str) -> Response:
    page = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    )
    headers = Headers({"Content-Type": "text/xml", "Server": "CloudFront"})
    return Response(403, headers, page.encode(), source="Error")
