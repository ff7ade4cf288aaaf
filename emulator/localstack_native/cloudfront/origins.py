"""Requests to a distribution's origin: a bucket, a function URL, a REST API, an HTTP server.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
"""

import re
from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import Headers

from localstack_native.cloudfront import function_url_origin, s3_origin
from localstack_native.cloudfront.functions.origin_changes import HOST
from localstack_native.cloudfront.messages import Request, Response
from localstack_native.cloudfront.origin_client import Endpoint, gateway, send
from localstack_native.cloudfront.store import Distribution
from localstack_native.cloudfront.validation import FUNCTION_URL

_API = re.compile(r"(?P<api>[^.]+)\.execute-api\.(?P<region>[^.]+)\..+")
_WEBSITE = re.compile(r"(?P<bucket>.+)\.s3-website[.-].+")
_PORT = re.compile(r":\d+$")

type Origin = Mapping[str, Any]


def fetch(distribution: Distribution, origin: Origin, request: Request) -> Response:
    """Return an origin's response, its body as a stream; raise OriginError without one."""
    for each in origin["CustomHeaders"].get("Items") or ():
        request.headers[each["HeaderName"]] = each["HeaderValue"]
    if bucket := s3_origin.bucket_of(origin["DomainName"]):
        return s3_origin.fetch(distribution, origin, bucket, request)
    if host := origin.get(HOST):
        request.headers["Host"] = host
    if url := FUNCTION_URL.fullmatch(origin["DomainName"]):
        return function_url_origin.fetch(distribution, origin, url, request, _timeout(origin))
    if api := _API.fullmatch(origin["DomainName"]):
        return _fetch_api(api["api"], origin, request)
    return send(_endpoint(origin), request, _timeout(origin))


def _fetch_api(api: str, origin: Origin, request: Request) -> Response:
    """Return the response of a LocalStack REST API; the path's first segment is the stage."""
    forwarded = request.headers.pop("Host", None)
    if forwarded is not None and forwarded != origin["DomainName"]:
        # API Gateway finds an API by its host name, which a viewer's Host is not.
        return Response(
            403, Headers({"Content-Type": "application/json"}), iter([b'{"message":"Forbidden"}'])
        )
    return send(
        gateway(f"/_aws/execute-api/{api}{origin['OriginPath']}"), request, _timeout(origin)
    )


def _endpoint(origin: Origin) -> Endpoint:
    domain, path = origin["DomainName"], origin["OriginPath"]
    if website := _WEBSITE.fullmatch(domain):
        port = gateway("").port
        return gateway(path, f"{website['bucket']}.s3-website.localhost.localstack.cloud:{port}")
    settings = origin.get("CustomOriginConfig") or {}
    # A viewer's request counts as one over HTTPS, and so does match-viewer.
    scheme = "http" if settings.get("OriginProtocolPolicy") == "http-only" else "https"
    usual, name = (80, "HTTPPort") if scheme == "http" else (443, "HTTPSPort")
    host, port = domain, int(settings.get(name, usual))
    if found := _PORT.search(domain):
        host, port = domain[: found.start()], int(found[0][1:])
    # Browsers resolve every name below localhost to this machine; name servers may not.
    address = "127.0.0.1" if host == "localhost" or host.endswith(".localhost") else host
    return Endpoint(scheme, address, port, path, host if port == usual else f"{host}:{port}")


def _timeout(origin: Origin) -> float:
    return float((origin.get("CustomOriginConfig") or {}).get("OriginReadTimeout") or 30)
