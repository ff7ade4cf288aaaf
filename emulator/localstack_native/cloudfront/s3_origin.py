"""S3 origins: requests as CloudFront's service principal, or anonymous.

With an origin access control, CloudFront is the service principal ``cloudfront.amazonaws.com``
that acts for one distribution (``AWS:SourceArn``); without one it is anonymous. This module
decides by the bucket's policy whether a request is allowed. The request to LocalStack's S3 is
signed as the bucket's owner, and is not checked again.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from localstack.services.s3.models import S3Bucket
from werkzeug.datastructures import Headers

from localstack_native.access import buckets
from localstack_native.access.principals import Principal
from localstack_native.cloudfront import access_control
from localstack_native.cloudfront.messages import Query, Request, Response
from localstack_native.cloudfront.origin_client import gateway, send
from localstack_native.cloudfront.store import Distribution

_BUCKET = re.compile(r"(?P<bucket>.+)\.s3(?:\..+|-(?!website)[a-z0-9-]+\.amazonaws\.com)")
_ACTIONS = {
    "GET": "s3:GetObject",
    "HEAD": "s3:GetObject",
    "OPTIONS": "s3:GetObject",
    "PUT": "s3:PutObject",
    "DELETE": "s3:DeleteObject",
}
_PARAMETERS = frozenset(
    {"versionId", "partNumber", "list-type", "prefix", "delimiter", "max-keys", "marker",
     "continuation-token", "start-after", "encoding-type", "fetch-owner"}
)  # fmt: skip
_SUBRESOURCES = frozenset(
    {"acl", "attributes", "cors", "delete", "encryption", "legal-hold", "lifecycle", "location",
     "logging", "notification", "object-lock", "ownershipControls", "policy", "policyStatus",
     "publicAccessBlock", "replication", "restore", "retention", "select", "tagging", "torrent",
     "uploadId", "uploads", "versioning", "versions", "website"}
)  # fmt: skip
_OWN_HEADERS = ("x-amz-request-id", "x-amz-id-2")


def bucket_of(domain: str) -> str | None:
    """Return the bucket of a REST endpoint; None for another domain."""
    found = _BUCKET.fullmatch(domain)
    return found["bucket"] if found else None


def fetch(
    distribution: Distribution, origin: Mapping[str, Any], name: str, request: Request
) -> Response:
    """Return S3's response, which may be an error."""
    path = f"{origin['OriginPath']}{request.path}"
    bucket = buckets.find(name)
    if bucket is None:
        return _error(404, "NoSuchBucket", "The specified bucket does not exist", BucketName=name)
    parameters = dict(parse_qsl(request.query.text, keep_blank_values=True))
    if _SUBRESOURCES & parameters.keys():
        return _denied()
    key, version = unquote(path[1:]), parameters.get("versionId")
    principal, context = _identity(distribution, origin, request)
    if request.method == "OPTIONS":
        if not bucket.cors_rules:
            return _error(
                403, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket."
            )
    elif not _may(principal, context, request.method, bucket, key, version):
        return _denied()
    query = {n: v for n, v in parameters.items() if n in _PARAMETERS or n.startswith("response-")}
    headers = Headers(
        [
            (header, value)
            for header, value in request.headers
            if header.lower() not in {"host", "authorization", "x-amz-copy-source"}
        ]
    )
    endpoint = gateway(f"/{name}")
    signed = Request(request.method, path, Query(urlencode(query)), headers, request.body)
    _sign(signed, f"http://{endpoint.name}{endpoint.path}{path}", bucket)
    response = send(endpoint, signed)
    for header in [name for name, _ in response.headers if _is_hidden(name, bucket)]:
        response.headers.remove(header)
    response.headers.setdefault("Server", "AmazonS3")
    return response


def _is_hidden(header: str, bucket: S3Bucket) -> bool:
    """Return whether a response header is not forwarded: S3's own, and unconfigured CORS."""
    name = header.lower()
    # LocalStack adds CORS headers for its own pages to every bucket.
    return name in _OWN_HEADERS or (not bucket.cors_rules and name.startswith("access-control-"))


def _identity(
    distribution: Distribution, origin: Mapping[str, Any], request: Request
) -> tuple[Principal, dict[str, str | list[str]]]:
    """Return the principal that CloudFront acts as, and its condition keys."""
    context: dict[str, str | list[str]] = {"aws:SecureTransport": "true"}
    if access_control.signs(distribution, origin, request):
        context |= {
            "aws:SourceArn": distribution.arn,
            "aws:SourceAccount": distribution.account,
        }
        return Principal.service("cloudfront.amazonaws.com"), context
    for key, header in (("aws:Referer", "Referer"), ("aws:UserAgent", "User-Agent")):
        if header in request.headers:
            context[key] = request.headers[header]
    return Principal.anonymous(), context


def _may(
    principal: Principal,
    context: dict[str, str | list[str]],
    method: str,
    bucket: S3Bucket,
    key: str,
    version: str | None,
) -> bool:
    """Return whether the principal is allowed the request.

    For a missing object, it must be allowed to list the bucket.
    """
    lists = buckets.is_allowed(principal, "s3:ListBucket", bucket, "", context)
    if not key:
        return lists and method in {"GET", "HEAD"}
    action = _ACTIONS.get(method)
    if action is None:
        return False
    if version and action == "s3:GetObject":
        action = "s3:GetObjectVersion"
    if not buckets.is_allowed(principal, action, bucket, key, context, version):
        return False
    return method not in {"GET", "HEAD"} or lists or buckets.has_object(bucket, key, version)


def _sign(request: Request, url: str, bucket: S3Bucket) -> None:
    # LocalStack takes an access key of twelve digits for an account number.
    signed = AWSRequest(
        request.method, f"{url}?{request.query.text}", {"Host": url.split("/")[2]}, request.body
    )
    credentials = Credentials(str(bucket.bucket_account_id), "test")
    S3SigV4Auth(credentials, "s3", str(bucket.bucket_region)).add_auth(signed)
    for name, value in signed.headers.items():
        request.headers[name] = value


def _denied() -> Response:
    return _error(403, "AccessDenied", "Access Denied")


def _error(status: int, code: str, message: str, **details: str) -> Response:
    more = "".join(f"<{name}>{value}</{name}>" for name, value in details.items())
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message>{more}</Error>"
    ).encode()
    headers = Headers({"Content-Type": "application/xml", "Server": "AmazonS3"})
    headers["Content-Length"] = str(len(body))
    return Response(status, headers, iter([body]))
