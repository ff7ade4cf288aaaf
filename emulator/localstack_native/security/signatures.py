"""Verification of request signatures in ``Authorization`` headers and in queries (except S3's).

Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
``access/`` checks presigned URLs and forms of S3. Dates are not checked: on one machine a recorded
request is worth no more than the key, and a Docker engine's clock may lag behind.
"""

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, Literal

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.http import Request
from localstack.services.s3.utils import uses_host_addressing

from localstack_native.access import signature
from localstack_native.access.credentials import HINT, Key, find, find_for_headers
from localstack_native.access.signature import Sent

Fault = Literal["missing", "unknown-key", "mismatch"]

_HEADER = re.compile(
    rf"(?P<algorithm>{signature.ALGORITHM}|{signature.ASYMMETRIC})\s+Credential=(?P<credential>[^,]+),\s*"
    r"SignedHeaders=(?P<signed>[^,]+),\s*Signature=(?P<signature>[^,\s]+)\s*"
)
_V2_HEADER = re.compile(r"AWS (?P<id>[^:]+):(?P<signature>.+)")
_SCOPE_PARTS = 4
_ASYMMETRIC_SCOPE_PARTS = 3
"""Version 4A's scope has no region: the header X-Amz-Region-Set has several."""
_DIGEST = re.compile(r"[0-9a-f]{64}")

_SENTENCES: dict[Fault, str] = {
    "missing": "The request is not signed.",
    "unknown-key": "The security token included in the request is invalid: this emulator has no"
    " such access key.",
    "mismatch": "The request signature we calculated does not match the signature you provided."
    " Check the secret access key and the signing method.",
}
# The codes of S3, of query protocols, and of all other protocols.
_CODES: dict[Fault, tuple[str, str, str]] = {
    "missing": (
        "AccessDenied",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
    ),
    "unknown-key": ("InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"),
    "mismatch": ("SignatureDoesNotMatch", "SignatureDoesNotMatch", "InvalidSignatureException"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Signed:
    """The signature of a request, with its key, scope and signed headers."""

    access_key_id: str
    token: str | None
    scope: Sequence[str]
    date: str
    headers: Sequence[str]
    given: str
    algorithm: str = signature.ALGORITHM


def is_signed(request: Request) -> bool:
    """Return whether a request has a signature, in a header or in its query."""
    return "Authorization" in request.headers or "X-Amz-Signature" in request.args


def fault_of(request: Request) -> Fault | None:
    """Return the fault of a request's signature; None if it is right.

    S3's presigned URLs and unsigned requests are not checked here: None.
    """
    authorization = request.headers.get("Authorization")
    if authorization is None:
        return _fault_of_query(request)
    if v2 := _V2_HEADER.fullmatch(authorization):
        return _fault_of_v2(request, v2["id"], v2["signature"])
    found = _HEADER.fullmatch(authorization)
    if found is None:
        return "mismatch"
    is_v4a = found["algorithm"] == signature.ASYMMETRIC
    parts = _ASYMMETRIC_SCOPE_PARTS if is_v4a else _SCOPE_PARTS
    access_key_id, *scope = found["credential"].rsplit("/", parts)
    headers = request.headers
    signed = _Signed(
        access_key_id,
        headers.get("X-Amz-Security-Token"),
        scope,
        headers.get("X-Amz-Date") or headers.get("Date", ""),
        found["signed"].lower().split(";"),
        found["signature"],
        found["algorithm"],
    )
    return _fault(request, signed, find_for_headers(access_key_id), _payload(request, scope))


def error_for(fault: Fault, context: RequestContext) -> CommonServiceException:
    """Return the error of the request's service for a fault."""
    assert context.service is not None
    is_json = str(context.protocol) not in {"query", "ec2", "rest-xml"}
    form = 0 if context.service.service_name == "s3" else 2 if is_json else 1
    status = 400 if context.protocol == "json" else 403
    return CommonServiceException(
        _CODES[fault][form], f"{_SENTENCES[fault]} {HINT}", status_code=status, sender_fault=True
    )


def sentence_of(fault: Fault) -> str:
    """Return the message for a fault."""
    return _SENTENCES[fault]


def query_error(fault: Fault) -> tuple[str, str]:
    """Return the code and message of a query-protocol service's error."""
    return _CODES[fault][1], f"{_SENTENCES[fault]} {HINT}"


def _fault_of_query(request: Request) -> Fault | None:
    query = request.args
    access_key_id, *scope = query.get("X-Amz-Credential", "").rsplit("/", _SCOPE_PARTS)
    if len(scope) != _SCOPE_PARTS or scope[2] == "s3":
        return None
    signed = _Signed(
        access_key_id,
        query.get("X-Amz-Security-Token"),
        scope,
        query.get("X-Amz-Date", ""),
        query.get("X-Amz-SignedHeaders", "").lower().split(";"),
        query.get("X-Amz-Signature", ""),
    )
    key = find(access_key_id)
    return _fault(request, signed, [key] if key else [], _body_digest(request))


def _fault(request: Request, signed: _Signed, keys: Sequence[Key], payload: str) -> Fault | None:
    if not keys or any(key.token and key.token != signed.token for key in keys):
        return "unknown-key"
    is_v4a = signed.algorithm == signature.ASYMMETRIC
    parts = _ASYMMETRIC_SCOPE_PARTS if is_v4a else _SCOPE_PARTS
    if len(signed.scope) != parts or "host" not in signed.headers:
        return "mismatch"
    canonical = signature.v4_canonical(
        _sent(request), signed.headers, payload, is_s3=signed.scope[-2] == "s3"
    )
    text = signature.v4_text(canonical, signed.date, signed.scope, signed.algorithm)
    if is_v4a:
        secrets = (key.secret for key in keys)
        is_right = any(
            signature.is_v4a(signed.access_key_id, each, text, signed.given) for each in secrets
        )
        return None if is_right else "mismatch"
    for key in keys:
        right = signature.v4_of_text(key.secret, signed.scope, text)
        if compare_digest(right.encode(), signed.given.encode()):
            return None
    return "mismatch"


def _fault_of_v2(request: Request, access_key_id: str, given: str) -> Fault | None:
    keys = find_for_headers(access_key_id)
    if not keys:
        return "unknown-key"
    sent = _sent(request)
    date = "" if "x-amz-date" in sent.headers else sent.headers.get("date", "")
    text = signature.v2_text(sent, date)
    is_right = any(
        compare_digest(signature.v2_of_text(key.secret, text).encode(), given.encode())
        for key in keys
    )
    return None if is_right else "mismatch"


def _sent(request: Request) -> Sent:
    headers = signature.joined_headers(request.headers)
    return Sent(
        request.method,
        signature.path_of(request.environ["RAW_URI"]),
        signature.query_pairs(request.query_string.decode("latin-1")),
        headers,
        uses_host_addressing(headers),
    )


def _payload(request: Request, scope: Sequence[str]) -> str:
    """Return the payload hash in a header signature: the body's SHA-256, or its placeholder.

    For S3, the header's value is used, to avoid reading an upload twice.
    """
    given = request.headers.get("X-Amz-Content-Sha256")
    is_s3 = len(scope) == _SCOPE_PARTS and scope[2] == "s3"
    if given and (is_s3 or not _DIGEST.fullmatch(given)):
        return given
    return _body_digest(request)


def _body_digest(request: Any) -> str:
    """Return the SHA-256 of the undecoded body; the request's stream can be read again."""
    body = request.get_data(cache=False)
    request.stream = io.BytesIO(body)
    return hashlib.sha256(body).hexdigest()
