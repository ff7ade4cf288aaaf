"""Distributions, viewers and an origin for the tests of CloudFront."""

import contextlib
import http.client
import itertools
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.speed import LIMIT

from .localstack import LocalStack

CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
CORS_S3 = "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf"
SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"
ALL_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]

_numbers = itertools.count()


def unique(name: str) -> str:
    """Return a name that no other test uses."""
    return f"{name}-{next(_numbers)}"


def quantified(items: list[Any]) -> dict[str, Any]:
    """Return a list in the shape of CloudFront's API."""
    return {"Quantity": len(items), "Items": items}


def methods(allowed: list[str], cached: list[str] | None = None) -> dict[str, Any]:
    """Return the AllowedMethods of a behavior."""
    return {**quantified(allowed), "CachedMethods": quantified(cached or ["GET", "HEAD"])}


@dataclass
class ViewerResponse:
    """The response to a viewer."""

    status: int
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes

    @property
    def cache(self) -> str:
        """What X-Cache says before "from cloudfront"."""
        return self.headers["x-cache"].removesuffix(" from cloudfront")


@dataclass
class ReceivedRequest:
    """A request that the origin received."""

    method: str
    target: str
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes


@dataclass
class OriginResponse:
    """The response of an origin."""

    body: bytes = b"from the origin"
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


class Origin:
    """An HTTP server with a response set by a test, which records the requests that it receives."""

    def __init__(self) -> None:
        self.requests: list[ReceivedRequest] = []
        self.respond: Callable[[ReceivedRequest], OriginResponse] = lambda _: OriginResponse()
        origin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                # Not self.path, from which Python takes slashes away.
                request = ReceivedRequest(self.command, self.requestline.split()[1], headers, body)
                origin.requests.append(request)
                response = origin.respond(request)
                self.send_response(response.status)
                for name, value in response.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(response.body)))
                self.end_headers()
                if request.method != "HEAD" and response.status != 304:
                    # The edge may have seen enough.
                    with contextlib.suppress(ConnectionError):
                        self.wfile.write(response.body)

            def log_message(self, *_: Any) -> None:
                """Suppress the log of requests."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Distribution:
    """A distribution, with requests of its viewers and changes by its owner."""

    def __init__(self, edge: "Edge", described: dict[str, Any]) -> None:
        self._edge = edge
        self.id: str = described["Id"]
        self.arn: str = described["ARN"]
        self.host: str = described["DomainName"]

    def get(
        self, path: str = "/", method: str = "GET", body: bytes = b"", **headers: str
    ) -> ViewerResponse:
        """Send a request for a path; in the names of headers ``_`` stands for ``-``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._edge.send(path, method, body, {"Host": self.host, **named})

    def update(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Change the configuration."""
        current = self._edge.api.get_distribution_config(Id=self.id)
        config = current["DistributionConfig"]
        change(config)
        self._edge.api.update_distribution(
            Id=self.id, IfMatch=current["ETag"], DistributionConfig=config
        )

    def invalidate(self, *paths: str) -> Any:
        """Invalidate paths."""
        return self._edge.api.create_invalidation(
            DistributionId=self.id,
            InvalidationBatch={"Paths": quantified([*paths]), "CallerReference": unique("batch")},
        )["Invalidation"]


class Edge:
    """CloudFront in a running LocalStack."""

    def __init__(self, emulator: LocalStack) -> None:
        self.emulator = emulator
        self.api = emulator.client("cloudfront")

    def send(self, path: str, method: str, body: bytes, headers: dict[str, str]) -> ViewerResponse:
        """Send a request without normalizing it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.emulator.port, timeout=LIMIT)
        try:
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return ViewerResponse(response.status, found, response.read())
        finally:
            connection.close()

    def config(self, origin: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Return a configuration; other named settings are the default behavior's."""
        behavior = {
            "TargetOriginId": origin["Id"],
            "ViewerProtocolPolicy": "allow-all",
            "CachePolicyId": CACHING_OPTIMIZED,
        }
        config: dict[str, Any] = {
            "CallerReference": unique("reference"),
            "Comment": "",
            "Enabled": True,
            "Origins": quantified([origin]),
            "DefaultCacheBehavior": behavior,
        }
        for name, value in changes.items():
            (config if name in _OF_DISTRIBUTIONS else behavior)[name] = value
        return config

    def distribution(self, origin: dict[str, Any], **changes: Any) -> Distribution:
        """Create a distribution with an origin."""
        config = self.config(origin, **changes)
        made = self.api.create_distribution(DistributionConfig=config)
        return Distribution(self, made["Distribution"])

    def cache_policy(self, ttls: tuple[int, int, int] = (0, 3600, 86400), **parameters: Any) -> str:
        """Create a cache policy with MinTTL, DefaultTTL and MaxTTL."""
        shortest, default, longest = ttls
        config = {
            "Name": unique("cache"),
            "MinTTL": shortest,
            "DefaultTTL": default,
            "MaxTTL": longest,
            "ParametersInCacheKeyAndForwardedToOrigin": {
                "EnableAcceptEncodingGzip": False,
                "EnableAcceptEncodingBrotli": False,
                "HeadersConfig": {"HeaderBehavior": "none"},
                "CookiesConfig": {"CookieBehavior": "none"},
                "QueryStringsConfig": {"QueryStringBehavior": "none"},
                **parameters,
            },
        }
        return str(self.api.create_cache_policy(CachePolicyConfig=config)["CachePolicy"]["Id"])

    def access_control(self, behavior: str = "always", kind: str = "s3") -> str:
        """Create an origin access control."""
        config = {
            "Name": unique("control"),
            "SigningProtocol": "sigv4",
            "SigningBehavior": behavior,
            "OriginAccessControlOriginType": kind,
        }
        made = self.api.create_origin_access_control(OriginAccessControlConfig=config)
        return str(made["OriginAccessControl"]["Id"])

    def function(self, code: str, store: str = "") -> str:
        """Create and publish a function; return its ARN. ``store`` is a key value store's ARN."""
        name = unique("function")
        stores = [{"KeyValueStoreARN": store}] if store else []
        config = {
            "Comment": "",
            "Runtime": "cloudfront-js-2.0",
            "KeyValueStoreAssociations": quantified(stores),
        }
        made = self.api.create_function(
            Name=name, FunctionConfig=config, FunctionCode=code.encode()
        )
        self.api.publish_function(Name=name, IfMatch=made["ETag"])
        return str(made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"])

    def values(self, key: tuple[str, str] | None = None) -> Any:
        """Return a client for the values of key value stores.

        Its endpoint has the account as first label of the host, which needs no name server here.
        """
        client = self.emulator.client("cloudfront-keyvaluestore", key)

        def send_here(request: Any, **_: Any) -> None:
            request.url = re.sub(r"//[0-9]{12}\.", "//", request.url, count=1)

        client.meta.events.register("before-sign.cloudfront-keyvaluestore", send_here)
        return client


def on(**functions: str) -> dict[str, Any]:
    """Return function associations: ``on(request=arn, response=arn)``."""
    return quantified(
        [{"FunctionARN": arn, "EventType": f"viewer-{event}"} for event, arn in functions.items()]
    )


_OF_DISTRIBUTIONS = {
    "Aliases", "CacheBehaviors", "Comment", "CustomErrorResponses", "DefaultRootObject",
    "Enabled", "OriginGroups", "Origins",
}  # fmt: skip


def http_origin(port: int, **changes: Any) -> dict[str, Any]:
    """Return an origin that is an HTTP server of the test."""
    return {
        "Id": "http",
        "DomainName": "origin.localhost",
        "CustomOriginConfig": {
            "HTTPPort": port,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "http-only",
        },
        **changes,
    }


def s3_origin(bucket: str, control: str = "", **changes: Any) -> dict[str, Any]:
    """Return an origin that is a bucket."""
    return {
        "Id": "s3",
        "DomainName": f"{bucket}.s3.us-east-1.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
        "OriginAccessControlId": control,
        **changes,
    }


def grant(
    distribution: Distribution, resource: str, action: str = "s3:GetObject"
) -> dict[str, Any]:
    """Return a statement that allows a distribution actions on a bucket."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": action,
        "Resource": f"arn:aws:s3:::{resource}",
        "Condition": {"StringEquals": {"AWS:SourceArn": distribution.arn}},
    }


def policy(*statements: dict[str, Any]) -> str:
    """Return a bucket policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
