"""Routing of viewer requests by host, path pattern, method and protocol."""

from typing import Any

import httpx
import pytest

from .edge import (
    CACHING_DISABLED,
    Distribution,
    Edge,
    Origin,
    OriginResponse,
    ReceivedRequest,
    http_origin,
    methods,
    quantified,
    unique,
)
from .localstack import LocalStack


def behavior(pattern: str, target: str) -> dict[str, Any]:
    """Return a behavior for a path pattern."""
    return {
        "PathPattern": pattern,
        "TargetOriginId": target,
        "ViewerProtocolPolicy": "allow-all",
        "CachePolicyId": CACHING_DISABLED,
    }


@pytest.fixture
def distribution(edge: Edge, origin: Origin) -> Distribution:
    """Return a distribution without caching."""
    return edge.distribution(http_origin(origin.port), CachePolicyId=CACHING_DISABLED)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/images/a.jpg", "jpg"),
        ("/images/deep/a.jpg", "jpg"),
        ("/images/a.JPG", "images"),
        ("/images/", "images"),
        ("/images", "default"),
        ("/api/1", "api"),
        ("/api/12", "default"),
        ("/x/api/1", "default"),
        ("/any/where/it.css", "css"),
        ("/a.b", "default"),
    ],
)
def test_the_first_matching_pattern_applies(
    edge: Edge, origin: Origin, path: str, expected: str
) -> None:
    """Patterns are tried in order, are case-sensitive, may have * and ?, and may begin with a
    slash.
    """
    patterns = {"jpg": "/images/*.jpg", "images": "images/*", "api": "/api/?", "css": "*.css"}
    origins = [
        http_origin(origin.port, Id=name, OriginPath=f"/{name}") for name in [*patterns, "default"]
    ]
    made = edge.distribution(
        origins[-1],
        Origins=quantified(origins),
        CacheBehaviors=quantified([behavior(pattern, name) for name, pattern in patterns.items()]),
    )
    assert made.get(path).status == 200
    assert origin.requests[-1].target == f"/{expected}{path}"


def test_the_default_root_object(edge: Edge, origin: Origin) -> None:
    """``/`` returns the default root object; a folder does not."""
    made = edge.distribution(http_origin(origin.port), DefaultRootObject="start/index.html")
    made.get("/")
    made.get("/start/")
    assert [request.target for request in origin.requests] == ["/start/index.html", "/start/"]


def test_methods_that_are_not_allowed_are_refused(
    distribution: Distribution, origin: Origin
) -> None:
    """They return 403, and the origin receives no request."""
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        refused = distribution.get("/x", method)
        assert (refused.status, refused.cache) == (403, "Error")
    assert not origin.requests
    allowed = methods(["GET", "HEAD", "OPTIONS"])
    distribution.update(
        lambda config: config["DefaultCacheBehavior"].update(AllowedMethods=allowed)
    )
    assert distribution.get("/x", "OPTIONS").status == 200
    assert origin.requests[0].method == "OPTIONS"


def test_a_get_with_a_body_is_refused(distribution: Distribution, origin: Origin) -> None:
    """A response that depends on the body must not be cached."""
    assert distribution.get("/x", "GET", b"body").status == 403
    assert not origin.requests


def test_preflights_are_cached_if_configured(edge: Edge, origin: Origin) -> None:
    """OPTIONS is cached in addition to GET if the behavior caches it."""
    every = ["GET", "HEAD", "OPTIONS"]
    made = edge.distribution(http_origin(origin.port), AllowedMethods=methods(every, every))
    found = [made.get("/x", method).cache for method in ("OPTIONS", "GET", "OPTIONS")]
    assert found == ["Miss", "Miss", "Hit"]


@pytest.mark.parametrize(
    ("policy", "method", "status"),
    [
        ("allow-all", "GET", 200),
        ("redirect-to-https", "GET", 301),
        ("redirect-to-https", "POST", 307),
        ("https-only", "GET", 403),
    ],
)
def test_the_viewer_protocol_policy_applies_to_http(
    edge: Edge, origin: Origin, policy: str, method: str, status: int
) -> None:
    """Requests with X-Forwarded-Proto: http are HTTP; all others count as HTTPS."""
    every = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    made = edge.distribution(
        http_origin(origin.port), ViewerProtocolPolicy=policy, AllowedMethods=methods(every)
    )
    viewed = made.get("/a%2Fb?c=d", method, X_Forwarded_Proto="http")
    assert viewed.status == status
    if status in {301, 307}:
        assert viewed.headers["location"] == f"https://{made.host}/a%2Fb?c=d"
        assert viewed.cache == "Redirect"
    assert made.get("/x", method).status == 200


@pytest.mark.parametrize("path", ["/", "/a%2Fb?c=d"])
def test_a_redirect_to_https_leads_to_the_same_address(
    edge: Edge, emulator: LocalStack, origin: Origin, path: str
) -> None:
    """A viewer that addresses the distribution by path is redirected to this path."""
    made = edge.distribution(
        http_origin(origin.port),
        DefaultRootObject="index.html",
        ViewerProtocolPolicy="redirect-to-https",
    )
    plain = {"X-Forwarded-Proto": "http"}
    by_path = f"/_aws/cloudfront/{made.id}{path}"
    response = httpx.get(f"{emulator.url}{by_path}", headers=plain)
    assert response.status_code == 301
    assert response.headers["Location"] == f"https://127.0.0.1:{emulator.port}{by_path}"
    viewed = made.get(path, X_Forwarded_Proto="http")
    assert viewed.headers["location"] == f"https://{made.host}{path}"


def test_a_distribution_is_served_at_its_addresses(
    edge: Edge, origin: Origin, emulator: LocalStack
) -> None:
    """Its host name in any case, its aliases, and a path of the gateway reach it."""
    name = unique("alias")
    aliases = quantified([f"{name}.example.test", f"*.{name}.example.test"])
    made = edge.distribution(http_origin(origin.port), Aliases=aliases)
    bare = made.host.partition(":")[0]
    for host in (
        made.host,
        made.host.upper(),
        bare,
        f"{name}.example.test:{emulator.port}",
        f"{name.upper()}.EXAMPLE.test",
        f"any.{name}.example.test",
    ):
        assert edge.send("/x", "GET", b"", {"Host": host}).body == b"from the origin", host
    for id_ in (made.id, made.id.lower()):
        path = f"/_aws/cloudfront/{id_}/y?z"
        assert edge.send(path, "GET", b"", {"Host": "localhost"}).status == 200
    assert {request.target for request in origin.requests} == {"/x", "/y"}


NAVIGATION = {"Sec-Fetch-Mode": "navigate"}
BEFORE_FETCH_METADATA = {"Accept": "text/html,*/*;q=0.8", "User-Agent": "Mozilla/5.0"}


@pytest.mark.parametrize("viewer_headers", [NAVIGATION, BEFORE_FETCH_METADATA])
@pytest.mark.parametrize(
    ("host", "rest", "target"),
    [
        ("localhost", "", "/"),
        ("localhost", "?a=b", "/?a=b"),
        ("127.0.0.1", "/", "/"),
        ("[::1]", "/a%2Fb//c", "/a%2Fb//c"),
        ("any.localhost", "/x?y=%20&z", "/x?y=%20&z"),
    ],
)
def test_navigations_are_redirected_to_the_domain_name(
    edge: Edge, origin: Origin, viewer_headers: dict[str, str], host: str, rest: str, target: str
) -> None:
    """The redirect has path and query, and is not cached."""
    made = edge.distribution(http_origin(origin.port))
    headers = {"Host": f"{host}:{edge.emulator.port}", **viewer_headers}
    for id_ in (made.id, made.id.lower()):
        viewed = edge.send(f"/_aws/cloudfront/{id_}{rest}", "GET", b"", headers)
        assert (viewed.status, viewed.body) == (307, b"")
        assert viewed.headers["location"] == f"http://{made.host}{target}"
        assert viewed.headers["cache-control"] == "no-store"
        assert "Sec-Fetch-Mode" in viewed.headers["vary"]
    assert not origin.requests
    assert edge.send("/x", "GET", b"", {**viewer_headers, "Host": made.host}).status == 200


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}),
        ("GET", {"Sec-Fetch-Mode": "cors", "Origin": "http://localhost:3000"}),
        ("OPTIONS", {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}),
        ("GET", {"User-Agent": "curl/8.14.1", "Accept": "*/*"}),
        ("GET", {"Host": "localstack:4566", **NAVIGATION}),
    ],
)
def test_other_requests_are_served_by_path(
    edge: Edge, origin: Origin, method: str, headers: dict[str, str]
) -> None:
    """Images, other pages' script requests and preflights, clients that are not browsers, and
    browsers on another machine are served; Vary keeps documents apart in caches.
    """
    origin.respond = lambda _: OriginResponse(headers={"Vary": "Origin"})
    allowed = methods(["GET", "HEAD", "OPTIONS"])
    made = edge.distribution(http_origin(origin.port), AllowedMethods=allowed)
    path = f"/_aws/cloudfront/{made.id}/x"
    viewed = edge.send(path, method, b"", {"Host": f"localhost:{edge.emulator.port}", **headers})
    assert (viewed.status, viewed.body) == (200, b"from the origin")
    assert viewed.headers["vary"] == "Origin, Accept, Sec-Fetch-Mode, User-Agent"
    assert made.get("/x").headers["vary"] == "Origin"


def test_an_unknown_distribution_is_404(edge: Edge) -> None:
    """An unknown identifier returns 404, by host and by path."""
    host = f"e000000000000.cloudfront.localhost:{edge.emulator.port}"
    assert edge.send("/", "GET", b"", {"Host": host}).status == 404
    path = "/_aws/cloudfront/E000000000000/"
    assert edge.send(path, "GET", b"", {"Host": "localhost"}).status == 404


def test_a_disabled_distribution_is_403(distribution: Distribution, origin: Origin) -> None:
    """A disabled distribution returns 403 until it is enabled."""
    distribution.update(lambda config: config.update(Enabled=False))
    assert distribution.get("/x").status == 403
    assert not origin.requests
    distribution.update(lambda config: config.update(Enabled=True))
    assert distribution.get("/x").status == 200


def test_cors_is_left_to_the_distribution(distribution: Distribution, origin: Origin) -> None:
    """LocalStack neither refuses requests from other sites nor adds headers to their responses."""
    viewed = distribution.get("/x", Origin="https://elsewhere.example", Referer="https://a.example")
    assert viewed.status == 200
    assert not [name for name in viewed.headers if name.startswith("access-control-")]
    origin.respond = lambda _: OriginResponse(
        headers={"Access-Control-Allow-Origin": "https://one.example"}
    )
    viewed = distribution.get("/y", Origin="https://one.example")
    assert viewed.headers["access-control-allow-origin"] == "https://one.example"


def test_a_page_of_a_distribution_reaches_no_api(
    distribution: Distribution, emulator: LocalStack, edge: Edge
) -> None:
    """LocalStack trusts the origins of distributions; the emulator does not."""
    headers = {"Host": f"localhost:{emulator.port}", "Origin": f"http://{distribution.host}"}
    viewed = edge.send("/_localstack/health", "GET", b"", headers)
    assert viewed.status == 403
    assert "access-control-allow-origin" not in viewed.headers


def test_paths_of_localstack_reach_the_origin(distribution: Distribution, origin: Origin) -> None:
    """On a distribution's host, no path is LocalStack's."""
    paths = ["/_localstack/health", "/_aws/x", "/some-bucket/key", "/2015-03-31/functions/x"]
    for path in paths:
        assert distribution.get(path).body == b"from the origin"
    assert [request.target for request in origin.requests] == paths


def test_a_loop_is_an_error(edge: Edge) -> None:
    """A distribution that is its own origin returns an error."""
    made = edge.distribution(http_origin(edge.emulator.port), CachePolicyId=CACHING_DISABLED)

    def to_itself(config: dict[str, Any]) -> None:
        config["Origins"]["Items"][0]["DomainName"] = made.host.partition(":")[0]

    made.update(to_itself)
    assert made.get("/x").status == 403


def test_cloudfront_adds_its_own_headers(distribution: Distribution, origin: Origin) -> None:
    """Each response has Via, the point of presence and a request identifier."""
    origin.respond = lambda request: OriginResponse(
        status=200 if request.target == "/good" else 500
    )
    good, bad = distribution.get("/good"), distribution.get("/bad")
    assert (good.cache, bad.cache) == ("Miss", "Error")
    for viewed in (good, bad):
        assert viewed.headers["via"].endswith(".cloudfront.net (CloudFront)")
        assert viewed.headers["x-amz-cf-pop"]
    assert good.headers["x-amz-cf-id"] != bad.headers["x-amz-cf-id"]


def test_a_head_request_is_sent_as_head(distribution: Distribution, origin: Origin) -> None:
    """The origin receives HEAD, and the viewer the object's length."""
    viewed = distribution.get("/x", "HEAD")
    assert (viewed.status, viewed.body) == (200, b"")
    assert viewed.headers["content-length"] == str(len(b"from the origin"))
    assert isinstance(origin.requests[0], ReceivedRequest)
    assert origin.requests[0].method == "HEAD"
