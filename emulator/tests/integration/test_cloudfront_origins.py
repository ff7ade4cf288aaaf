"""HTTP servers and APIs as origins: requests and failures."""

import http.client
import socket
import threading
from collections.abc import Iterator

import pytest

from .edge import (
    ALL_METHODS,
    ALL_VIEWER,
    ALL_VIEWER_EXCEPT_HOST,
    CACHING_DISABLED,
    CACHING_OPTIMIZED,
    Distribution,
    Edge,
    Origin,
    OriginResponse,
    http_origin,
    methods,
    quantified,
    unique,
)
from .localstack import LocalStack, free_port


@pytest.fixture
def uncached(edge: Edge, origin: Origin) -> Distribution:
    """Return a distribution that forwards everything except the host."""
    return edge.distribution(
        http_origin(origin.port),
        CachePolicyId=CACHING_DISABLED,
        OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST,
        AllowedMethods=methods(ALL_METHODS),
    )


@pytest.mark.parametrize(
    "target",
    [
        "/a%2Fb/%C3%BC/+?q=a%20b&q=c+d&empty=&bare",
        "/a//b/../c/./d",
        "//not-a-host/x?y",
        "/%7Euser/%2e%2e/(x)[y]",
        "/a;b=c,d:e@f!$'*",
    ],
)
def test_path_and_query_are_forwarded_unchanged(
    uncached: Distribution, origin: Origin, target: str
) -> None:
    """Neither path nor query string is decoded, encoded or normalized."""
    assert uncached.get(target).status == 200
    assert origin.requests[-1].target == target


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_requests_with_a_body_are_forwarded(
    uncached: Distribution, origin: Origin, method: str
) -> None:
    """The origin receives method, body and type, and its response is not cached."""
    origin.respond = lambda request: OriginResponse(
        request.body[::-1], {"Cache-Control": "max-age=60"}, 201
    )
    for _ in range(2):
        viewed = uncached.get("/x", method, b"\x00\xffbody", Content_Type="application/x-test")
        assert (viewed.status, viewed.body, viewed.cache) == (201, b"ydob\xff\x00", "Miss")
    assert [request.method for request in origin.requests] == [method, method]
    assert origin.requests[0].headers["content-type"] == "application/x-test"


def test_policies_select_what_is_forwarded(edge: Edge, origin: Origin) -> None:
    """Headers, cookies and query strings that no policy names are not forwarded."""
    request = edge.api.create_origin_request_policy(
        OriginRequestPolicyConfig={
            "Name": unique("request"),
            "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": quantified(["X-Sent"])},
            "CookiesConfig": {"CookieBehavior": "whitelist", "Cookies": quantified(["sent"])},
            "QueryStringsConfig": {
                "QueryStringBehavior": "allExcept",
                "QueryStrings": quantified(["left"]),
            },
        }
    )["OriginRequestPolicy"]["Id"]
    cache = edge.cache_policy(
        HeadersConfig={"HeaderBehavior": "whitelist", "Headers": quantified(["x-key"])},
        CookiesConfig={"CookieBehavior": "whitelist", "Cookies": quantified(["key"])},
    )
    made = edge.distribution(
        http_origin(origin.port), CachePolicyId=cache, OriginRequestPolicyId=request
    )
    viewed = made.get(
        "/x?a=1&left=2&b=3",
        X_Sent="s",
        X_Key="k",
        X_Left="l",
        Authorization="Bearer secret",
        Cookie="left=1; sent=2; key=3",
        Accept_Language="en",
        User_Agent="browser",
        Accept_Encoding="gzip",
    )
    assert viewed.status == 200
    request = origin.requests[0]
    assert request.target == "/x?a=1&b=3"
    assert (request.headers["x-sent"], request.headers["x-key"]) == ("s", "k")
    assert request.headers["cookie"] == "sent=2; key=3"
    assert request.headers["user-agent"] == "Amazon CloudFront"
    assert request.headers["host"] == f"origin.localhost:{origin.port}"
    assert request.headers["via"].endswith("(CloudFront)")
    assert request.headers["x-forwarded-for"] == "127.0.0.1"
    left = {"x-left", "authorization", "accept-language", "accept-encoding"}
    assert not left & request.headers.keys()


@pytest.mark.parametrize(
    ("policy", "is_viewers"), [(ALL_VIEWER, True), (ALL_VIEWER_EXCEPT_HOST, False)]
)
def test_managed_policies_send_the_viewers_headers(
    edge: Edge, origin: Origin, policy: str, *, is_viewers: bool
) -> None:
    """AllViewer forwards the viewer's host; AllViewerExceptHostHeader sends the origin's."""
    made = edge.distribution(
        http_origin(origin.port), CachePolicyId=CACHING_DISABLED, OriginRequestPolicyId=policy
    )
    made.get("/x?y=z", X_Any="thing", Cookie="a=b", User_Agent="browser")
    request = origin.requests[0]
    assert request.target == "/x?y=z"
    assert request.headers["x-any"] == "thing"
    assert request.headers["cookie"] == "a=b"
    assert request.headers["user-agent"] == "browser"
    assert request.headers["host"] == (
        made.host if is_viewers else f"origin.localhost:{origin.port}"
    )


def test_an_origin_has_headers_and_a_path(edge: Edge, origin: Origin) -> None:
    """The origin's custom headers replace the viewer's, and its path is the prefix."""
    custom = quantified([{"HeaderName": "X-Secret", "HeaderValue": "edge"}])
    made = edge.distribution(
        http_origin(origin.port, OriginPath="/base", CustomHeaders=custom),
        CachePolicyId=CACHING_DISABLED,
        OriginRequestPolicyId=ALL_VIEWER,
    )
    made.get("/x", X_Secret="viewer")
    assert origin.requests[0].target == "/base/x"
    assert origin.requests[0].headers["x-secret"] == "edge"


def test_legacy_settings_work_like_policies(edge: Edge, origin: Origin) -> None:
    """ForwardedValues and TTLs of a behavior work like policies."""
    config = edge.config(http_origin(origin.port), MinTTL=0, DefaultTTL=60)
    behavior = config["DefaultCacheBehavior"]
    del behavior["CachePolicyId"]
    behavior["ForwardedValues"] = {
        "QueryString": True,
        "Cookies": {"Forward": "none"},
        "Headers": quantified(["X-Key"]),
    }
    made = edge.api.create_distribution(DistributionConfig=config)["Distribution"]
    viewer = Distribution(edge, made)
    viewer.get("/x?a=1", X_Key="k", Cookie="c=d")
    assert viewer.get("/x?a=1", X_Key="k", Cookie="e=f").cache == "Hit"
    assert viewer.get("/x?a=1", X_Key="other").cache == "Miss"
    assert origin.requests[0].target == "/x?a=1"
    assert "cookie" not in origin.requests[0].headers


def test_an_unreachable_origin_is_502(edge: Edge) -> None:
    """An origin that refuses connections returns 502 to viewers, with an error page."""
    viewed = edge.distribution(http_origin(free_port())).get("/x")
    assert (viewed.status, viewed.cache) == (502, "Error")
    assert b"The request could not be satisfied" in viewed.body


@pytest.mark.parametrize("policy", [CACHING_DISABLED, CACHING_OPTIMIZED])
def test_an_incomplete_response_is_an_error(edge: Edge, policy: str) -> None:
    """A response that the origin did not complete is never served as a complete one."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

        thread = threading.Thread(target=hang_up)
        thread.start()
        made = edge.distribution(http_origin(server.getsockname()[1]), CachePolicyId=policy)
        if policy == CACHING_OPTIMIZED:
            assert made.get("/x").status == 502
        else:
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                made.get("/x")
        thread.join()


def test_a_silent_origin_is_504(edge: Edge) -> None:
    """An origin that accepts a connection but sends nothing is 504 after OriginReadTimeout."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        origin = http_origin(silent.getsockname()[1])
        origin["CustomOriginConfig"]["OriginReadTimeout"] = 1
        assert edge.distribution(origin).get("/x").status == 504


@pytest.fixture(scope="module")
def api(emulator: LocalStack) -> Iterator[tuple[str, Origin]]:
    """Yield a REST API that forwards requests below /things to a server."""
    gateway = emulator.client("apigateway")
    with Origin() as backend:
        id_ = gateway.create_rest_api(name=unique("api"))["id"]
        root = gateway.get_resources(restApiId=id_)["items"][0]["id"]
        things = gateway.create_resource(restApiId=id_, parentId=root, pathPart="things")["id"]
        gateway.put_method(
            restApiId=id_, resourceId=things, httpMethod="ANY", authorizationType="NONE"
        )
        gateway.put_integration(
            restApiId=id_,
            resourceId=things,
            httpMethod="ANY",
            type="HTTP_PROXY",
            integrationHttpMethod="ANY",
            uri=f"http://127.0.0.1:{backend.port}/backend",
        )
        gateway.create_deployment(restApiId=id_, stageName="v1")
        yield id_, backend


def test_an_api_is_an_origin(edge: Edge, api: tuple[str, Origin]) -> None:
    """The path's first segment is the stage, as at API Gateway's own host name."""
    id_, backend = api
    origin = http_origin(443, DomainName=f"{id_}.execute-api.us-east-1.amazonaws.com")
    made = edge.distribution(
        origin,
        CachePolicyId=CACHING_DISABLED,
        OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST,
        AllowedMethods=methods(ALL_METHODS),
    )
    viewed = made.get("/v1/things?a=b", "POST", b"body", Content_Type="text/plain")
    assert (viewed.status, viewed.body) == (200, b"from the origin")
    assert (backend.requests[-1].method, backend.requests[-1].body) == ("POST", b"body")
    assert backend.requests[-1].target == "/backend?a=b"


def test_an_api_refuses_the_viewers_host(edge: Edge, api: tuple[str, Origin]) -> None:
    """With AllViewer, API Gateway returns 403, as on AWS."""
    origin = http_origin(443, DomainName=f"{api[0]}.execute-api.us-east-1.amazonaws.com")
    made = edge.distribution(
        origin, CachePolicyId=CACHING_DISABLED, OriginRequestPolicyId=ALL_VIEWER
    )
    assert made.get("/v1/things").status == 403


def test_origin_path_can_be_a_stage(edge: Edge, api: tuple[str, Origin]) -> None:
    """OriginPath can be the stage, so that viewers omit it."""
    domain = f"{api[0]}.execute-api.us-east-1.amazonaws.com"
    origin = http_origin(443, DomainName=domain, OriginPath="/v1")
    assert edge.distribution(origin).get("/things").status == 200


def test_a_website_is_an_origin(edge: Edge, emulator: LocalStack) -> None:
    """A bucket's website endpoint gets HTTP requests, and serves its index document."""
    s3, bucket = emulator.client("s3"), unique("website")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="folder/index.html", Body=b"page", ContentType="text/html")
    s3.put_bucket_website(
        Bucket=bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}}
    )
    origin = http_origin(80, DomainName=f"{bucket}.s3-website-us-east-1.amazonaws.com")
    viewed = edge.distribution(origin).get("/folder/")
    assert (viewed.status, viewed.body) == (200, b"page")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("status", [404, 503])
def test_failover(edge: Edge, origin: Origin, method: str, status: int) -> None:
    """The second origin gets a request after a listed status of the first, or without one."""
    with Origin() as second:
        second.respond = lambda _: OriginResponse(b"second")
        group = {
            "Id": "group",
            "FailoverCriteria": {"StatusCodes": quantified([status, 502])},
            "Members": quantified([{"OriginId": "http"}, {"OriginId": "second"}]),
        }
        made = edge.distribution(
            http_origin(origin.port),
            Origins=quantified([http_origin(origin.port), http_origin(second.port, Id="second")]),
            OriginGroups=quantified([group]),
            TargetOriginId="group",
            CachePolicyId=CACHING_DISABLED,
            AllowedMethods=methods(["GET", "HEAD", "OPTIONS"]),
        )
        origin.respond = lambda _: OriginResponse(status=200)
        assert made.get("/a?b", method).status == 200
        assert second.requests == []
        origin.respond = lambda _: OriginResponse(status=status)
        assert made.get("/c?d", method).status == 200
        assert [each.method for each in second.requests] == [method]
        origin.respond = lambda _: OriginResponse(status=500)
        assert made.get("/e", method).status == 500
        assert len(second.requests) == 1
