"""Function URLs as origins: requests as CloudFront's service principal, or anonymous.

With an origin access control, CloudFront signs requests as ``cloudfront.amazonaws.com`` for one
distribution (``AWS:SourceArn``). This module decides by the function's policy whether the request
is allowed, and the request to LocalStack is not judged again.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import Headers

from localstack_native.access import function_urls, mode
from localstack_native.access.callers import service_caller
from localstack_native.cloudfront import access_control
from localstack_native.cloudfront.messages import Request, Response
from localstack_native.cloudfront.origin_client import gateway, send
from localstack_native.cloudfront.store import Distribution
from localstack_native.security import trust

_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. A viewer's"
    " request with a body must have the body's SHA-256 in the header x-amz-content-sha256."
)


def fetch(
    distribution: Distribution,
    origin: Mapping[str, Any],
    found: re.Match[str],
    request: Request,
    timeout: float,
) -> Response:
    """Return the function's response, or Lambda's error."""
    host = f"{found['id']}.lambda-url.{found['region']}.localhost"
    forwarded = request.headers.pop("Host", None)
    config = function_urls.find(found["id"], found["region"])
    if config is None or (forwarded is not None and forwarded != origin["DomainName"]):
        # Lambda finds a function by its host name, which a viewer's Host is not.
        return _refused(function_urls.FORBIDDEN)
    request.headers.remove(trust.JUDGED)
    if access_control.signs(distribution, origin, request):
        if request.body and not _has_digest(request):
            return _refused(_MISMATCH)
        if mode.mode() != "off":
            caller = service_caller("cloudfront.amazonaws.com", distribution.arn)
            if not function_urls.allows(caller, config, {"aws:SecureTransport": "true"}):
                return _refused(function_urls.FORBIDDEN)
            request.headers[trust.JUDGED] = trust.TOKEN
        request.headers.remove("Authorization")
    return send(gateway(origin["OriginPath"], host), request, timeout)


def _has_digest(request: Request) -> bool:
    digest = hashlib.sha256(request.body).hexdigest()
    return request.headers.get("x-amz-content-sha256") == digest


def _refused(reason: str) -> Response:
    body = json.dumps({"Message": reason}).encode()
    headers = Headers(
        {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "x-amzn-ErrorType": "AccessDeniedException",
        }
    )
    return Response(403, headers, iter([body]))
