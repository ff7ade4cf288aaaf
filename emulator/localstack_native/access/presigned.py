"""Presigned URLs: checks of signature, expiry and unsigned headers."""

import time
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.api.s3 import AccessDenied, AuthorizationQueryParametersError, InvalidArgument
from localstack.services.s3.constants import (
    S3_HOST_ID,
    SIGNATURE_V2_PARAMS,
    SIGNATURE_V4_PARAMS,
)
from localstack.services.s3.presigned_url import (
    SIGNATURE_V4_BOTO_IGNORED_PARAMS,
    S3PreSignedURLRequestHandler,
    create_signature_does_not_match_sig_v2,
    create_signature_does_not_match_sig_v4,
)
from localstack.services.s3.utils import is_presigned_url_request, uses_host_addressing
from localstack.utils.aws.request_context import mock_aws_request_headers

from localstack_native.access import signature
from localstack_native.access.credentials import signing_key
from localstack_native.access.signature import Sent

_LONGEST = 7 * 24 * 3600
_CLOCK_SKEW = timedelta(minutes=15)
_SCHEMES = ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", "AWS ")
_V4_SCOPE_PARTS = 5


class PresignedUrls(S3PreSignedURLRequestHandler):
    """Replaces LocalStack's handler; signatures are calculated from the unparsed request.

    LocalStack calls it for each S3 request before parsing, and before it adds credentials to
    anonymous requests. So it also records which requests are anonymous (``is_anonymous``).
    """

    def __call__(self, chain: Any, context: RequestContext, response: Any) -> None:
        """Check a request's URL, and move header parameters from its query to its headers."""
        if not context.service or context.service.service_name != "s3":
            return
        authorization = context.request.headers.get("Authorization")
        is_presigned = is_presigned_url_request(context)
        note: Any = context
        note.is_anonymous = not authorization and not is_presigned
        try:
            if authorization:
                _check_scheme(authorization, is_presigned=is_presigned)
            if is_presigned and context.request.method != "OPTIONS":
                check(context)
        except Exception:
            # The error is serialized in the operation's form, but no operation is parsed yet.
            context.operation = self._get_op_from_request(context.request)
            raise
        if not is_presigned:
            super().__call__(chain, context, response)


def is_anonymous(context: RequestContext) -> bool:
    """Return whether a request has no credentials in headers or query; a form's don't count."""
    return bool(getattr(context, "is_anonymous", False))


def _check_scheme(authorization: str, *, is_presigned: bool) -> None:
    if is_presigned:
        raise InvalidArgument(
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature"
            " query string parameter or the Authorization header should be specified",
            ArgumentName="Authorization",
            ArgumentValue=authorization,
            HostId=S3_HOST_ID,
        )
    if not authorization.startswith(_SCHEMES):
        raise InvalidArgument(
            "Unsupported Authorization Type",
            ArgumentName="Authorization",
            ArgumentValue=authorization,
            HostId=S3_HOST_ID,
        )


def check(context: RequestContext) -> None:
    """Check a presigned URL.

    Raises S3's errors: AccessDenied, AuthorizationQueryParametersError, InvalidAccessKeyId,
    InvalidToken, ExpiredToken, SignatureDoesNotMatch.
    """
    request = context.request
    headers = signature.joined_headers(request.headers)
    sent = Sent(
        request.method,
        signature.path_of(request.environ["RAW_URI"]),
        signature.query_pairs(request.query_string.decode("latin-1")),
        headers,
        uses_host_addressing(headers),
    )
    parameters = dict(sent.query)
    if len(parameters) < len(sent.query) and _is_authentication_repeated(sent):
        raise _query_error("A signature parameter occurs twice in the query.")
    if any(name in parameters for name in SIGNATURE_V4_PARAMS):
        access_key_id, region = _check_v4(sent, parameters)
    else:
        access_key_id, region = _check_v2(sent, parameters), "us-east-1"
    moved = _headers_in_query(sent, parameters)
    for name, value in moved.items():
        request.headers.add(name, value)
    # LocalStack takes the account from this header.
    request.headers["Authorization"] = mock_aws_request_headers(
        "s3", aws_access_key_id=access_key_id, region_name=region
    )["Authorization"]


def _is_authentication_repeated(sent: Sent) -> bool:
    names = [name for name, _ in sent.query]
    return any(names.count(name) > 1 for name in (*SIGNATURE_V4_PARAMS, *SIGNATURE_V2_PARAMS))


def _check_v4(sent: Sent, parameters: dict[str, str]) -> tuple[str, str]:
    if not all(name in parameters for name in SIGNATURE_V4_PARAMS):
        raise _query_error(
            "Query-string authentication version 4 requires the X-Amz-Algorithm,"
            " X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and"
            " X-Amz-Expires parameters."
        )
    if parameters["X-Amz-Algorithm"] != signature.ALGORITHM:
        raise _query_error(
            'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"'
        )
    date = parameters["X-Amz-Date"]
    access_key_id, *scope = parameters["X-Amz-Credential"].rsplit("/", _V4_SCOPE_PARTS - 1)
    if len(scope) != _V4_SCOPE_PARTS - 1 or scope[2:] != ["s3", "aws4_request"]:
        raise _query_error(
            "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting"
            ' "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".'
        )
    if scope[0] != date[:8]:
        raise _query_error(
            f'Invalid credential date "{scope[0]}". This date is not the same as'
            f' X-Amz-Date: "{date[:8]}".'
        )
    _check_age(date, parameters["X-Amz-Expires"])
    signed = parameters["X-Amz-SignedHeaders"].lower().split(";")
    if "host" not in signed:
        raise _query_error("X-Amz-SignedHeaders must contain host.")
    unsigned = [
        name
        for name in sent.headers
        if name.startswith("x-amz-") and name not in {*signed, "x-amz-content-sha256"}
    ]
    if unsigned:
        raise AccessDenied(
            "There were headers present in the request which were not signed",
            HostId=S3_HOST_ID,
            HeadersNotSigned=", ".join(unsigned),
        )
    key = signing_key(access_key_id, parameters.get("X-Amz-Security-Token"))
    payload = parameters.get("X-Amz-Content-Sha256", signature.UNSIGNED)
    if "x-amz-content-sha256" in signed:
        payload = sent.headers.get("x-amz-content-sha256", payload)
    canonical = signature.v4_canonical(sent, signed, payload)
    text = signature.v4_text(canonical, date, scope)
    given = parameters["X-Amz-Signature"]
    if not _is_same(given, signature.v4_of_text(key.secret, scope, text)):
        raise create_signature_does_not_match_sig_v4(
            {
                "signature_provided": given,
                "string_to_sign": text,
                "canonical_request": canonical,
            },
            access_key_id,
        )
    return access_key_id, scope[1]


def _check_age(date: str, lifetime: str) -> None:
    try:
        begin = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise _query_error(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        ) from error
    if not lifetime.isdecimal():
        raise _query_error("X-Amz-Expires should be a number")
    if int(lifetime) > _LONGEST:
        raise _query_error(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires"
            f" must be less than {_LONGEST} seconds"
        )
    now, end = datetime.now(UTC), begin + timedelta(seconds=int(lifetime))
    if begin - now > _CLOCK_SKEW:
        raise AccessDenied("Request is not valid yet", HostId=S3_HOST_ID)
    if now > end:
        raise AccessDenied(
            "Request has expired",
            HostId=S3_HOST_ID,
            Expires=end,
            ServerTime=now,
            X_Amz_Expires=int(lifetime),
        )


def _check_v2(sent: Sent, parameters: dict[str, str]) -> str:
    if not all(name in parameters for name in SIGNATURE_V2_PARAMS):
        raise AccessDenied(
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId"
            " parameters",
            HostId=S3_HOST_ID,
        )
    expires, given = parameters["Expires"], parameters["Signature"].replace(" ", "+")
    access_key_id = parameters["AWSAccessKeyId"]
    if not expires.isdecimal():
        raise AccessDenied(
            f"Invalid date (should be seconds since epoch): {expires}", HostId=S3_HOST_ID
        )
    if int(expires) < time.time():
        raise AccessDenied(
            "Request has expired",
            HostId=S3_HOST_ID,
            Expires=datetime.fromtimestamp(int(expires), UTC),
            ServerTime=datetime.now(UTC),
        )
    in_query = {name.lower(): value for name, value in sent.query}
    key = signing_key(access_key_id, in_query.get("x-amz-security-token"))
    text = signature.v2_text(sent, expires)
    if not _is_same(given, signature.v2_of_text(key.secret, text)):
        raise create_signature_does_not_match_sig_v2(given, text, access_key_id)
    return access_key_id


def _headers_in_query(sent: Sent, parameters: dict[str, str]) -> dict[str, str]:
    """Return the query parameters that S3 treats as headers.

    A checksum counts only if it is signed as a header: clients calculate it without the body.
    """
    signed = set(parameters.get("X-Amz-SignedHeaders", "").lower().split(";")) - {""}
    headers: dict[str, str] = {}
    for name, value in sent.query:
        lower = name.lower()
        if name in SIGNATURE_V4_PARAMS or lower in {"x-amz-signature", "x-amz-security-token"}:
            continue
        if not lower.startswith("x-amz-") and lower not in SIGNATURE_V4_BOTO_IGNORED_PARAMS:
            continue
        if lower in sent.headers or (lower.startswith("x-amz-checksum-") and lower not in signed):
            continue
        headers[lower] = value
    if not signed and "content-type" in parameters and "content-type" not in sent.headers:
        headers["content-type"] = parameters["content-type"]
    return headers


def _is_same(given: str, right: str) -> bool:
    return compare_digest(given.encode(), right.encode())


def _query_error(message: str) -> AuthorizationQueryParametersError:
    return AuthorizationQueryParametersError(message, HostId=S3_HOST_ID)
