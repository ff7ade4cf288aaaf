"""Processing of origin responses: compression, headers, error pages."""

import gzip
from typing import Any

import pytest

from .edge import (
    CACHING_DISABLED,
    CACHING_OPTIMIZED,
    SECURITY_HEADERS,
    Distribution,
    Edge,
    Origin,
    OriginResponse,
    http_origin,
    methods,
    quantified,
    unique,
)

TEXT = b"the same words again and again, " * 64


@pytest.fixture
def compressing(edge: Edge, origin: Origin) -> Distribution:
    """Return a distribution that compresses, in front of an origin with text."""
    origin.respond = lambda _: OriginResponse(TEXT, {"Content-Type": "text/html", "ETag": '"v1"'})
    return edge.distribution(http_origin(origin.port), Compress=True)


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("*", "br"),
        ("deflate", None),
        ("identity", None),
    ],
)
def test_text_is_compressed(compressing: Distribution, accepted: str, encoding: str | None) -> None:
    """Text is encoded as the viewer accepts it: Brotli, gzip, or not at all."""
    viewed = compressing.get("/x", Accept_Encoding=accepted)
    assert viewed.headers.get("content-encoding") == encoding
    assert viewed.headers["vary"] == "Accept-Encoding"
    assert viewed.headers["etag"] == ('W/"v1"' if encoding else '"v1"')
    assert viewed.headers["content-length"] == str(len(viewed.body))
    if encoding == "gzip":
        assert gzip.decompress(viewed.body) == TEXT
    elif encoding == "br":
        assert len(viewed.body) < len(TEXT) / 10
    else:
        assert viewed.body == TEXT


def test_each_encoding_has_a_cache_key(compressing: Distribution, origin: Origin) -> None:
    """A viewer never gets an encoding that only another one accepts."""
    accepted = ["gzip, br", "gzip", "", "br, gzip", "x, gzip"]
    caches = [compressing.get("/x", Accept_Encoding=each).cache for each in accepted]
    assert caches == ["Miss", "Miss", "Miss", "Hit", "Hit"]
    received = [each.headers.get("accept-encoding") for each in origin.requests]
    assert received == ["br,gzip", "gzip", None]


def test_revalidation_uses_the_origins_etag(
    edge: Edge, compressing: Distribution, origin: Origin
) -> None:
    """Viewers get a weak ETag for a compressed copy, and the origin receives its own."""
    policy = edge.cache_policy(EnableAcceptEncodingGzip=True)
    compressing.update(lambda config: config["DefaultCacheBehavior"].update(CachePolicyId=policy))
    headers = {"Content-Type": "text/html", "ETag": '"v1"', "Cache-Control": "max-age=0"}
    origin.respond = lambda request: (
        OriginResponse(b"", headers, 304)
        if request.headers.get("if-none-match") == '"v1"'
        else OriginResponse(TEXT, headers)
    )
    first, again = (compressing.get("/x", Accept_Encoding="gzip") for _ in range(2))
    assert (first.cache, again.cache) == ("Miss", "RefreshHit")
    assert again.body == first.body
    assert again.headers["etag"] == 'W/"v1"'


@pytest.mark.parametrize(
    ("response", "is_compressed"),
    [
        (OriginResponse(b"x" * 1000, {"Content-Type": "application/json"}), True),
        (OriginResponse(b"x" * 999, {"Content-Type": "application/json"}), False),
        (OriginResponse(b"x" * 10_000_001, {"Content-Type": "application/json"}), False),
        (OriginResponse(b"x" * 1000, {"Content-Type": "image/svg+xml; charset=utf-8"}), True),
        (OriginResponse(b"x" * 1000, {"Content-Type": "image/jpeg"}), False),
        (OriginResponse(b"x" * 1000, {"Content-Type": "text/css", "Content-Encoding": "x"}), False),
        (OriginResponse(b"x" * 1000, {"Content-Type": "text/css"}, 404), True),
        (OriginResponse(b"x" * 1000, {"Content-Type": "text/css"}, 500), False),
    ],
)
def test_only_some_responses_are_compressed(
    compressing: Distribution, origin: Origin, response: OriginResponse, *, is_compressed: bool
) -> None:
    """Type, size and status decide; an encoded response is unchanged."""
    origin.respond = lambda _: response
    viewed = compressing.get("/x", Accept_Encoding="gzip")
    assert (viewed.headers.get("content-encoding") == "gzip") == is_compressed


@pytest.mark.parametrize(
    "change", [{"Compress": False}, {"Compress": True, "CachePolicyId": CACHING_DISABLED}]
)
def test_compression_needs_behavior_and_policy(
    edge: Edge, origin: Origin, change: dict[str, Any]
) -> None:
    """Without Compress, or with a policy that enables no encoding, nothing is compressed."""
    origin.respond = lambda _: OriginResponse(TEXT, {"Content-Type": "text/html"})
    made = edge.distribution(http_origin(origin.port), **change)
    assert "content-encoding" not in made.get("/x", Accept_Encoding="gzip, br").headers


def headers_policy(edge: Edge, **config: Any) -> str:
    """Create a response headers policy."""
    made = edge.api.create_response_headers_policy(
        ResponseHeadersPolicyConfig={"Name": unique("headers"), **config}
    )
    return str(made["ResponseHeadersPolicy"]["Id"])


def test_the_security_policy_sets_its_headers(edge: Edge, origin: Origin) -> None:
    """Every response has all five headers; without override, the origin's values apply."""
    origin.respond = lambda _: OriginResponse(
        headers={"X-Frame-Options": "DENY", "X-Content-Type-Options": "other"}
    )
    made = edge.distribution(http_origin(origin.port), ResponseHeadersPolicyId=SECURITY_HEADERS)
    for _ in ("miss", "hit"):
        headers = made.get("/x").headers
        assert headers["strict-transport-security"] == "max-age=31536000"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-xss-protection"] == "1; mode=block"
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin"


def test_a_policy_sets_and_removes_headers(edge: Edge, origin: Origin) -> None:
    """Custom headers override the origin's if configured, and headers are removed."""
    origin.respond = lambda _: OriginResponse(headers={"X-One": "o", "X-Two": "o", "X-Gone": "o"})
    policy = headers_policy(
        edge,
        CustomHeadersConfig=quantified(
            [
                {"Header": "X-One", "Value": "p", "Override": True},
                {"Header": "X-Two", "Value": "p", "Override": False},
                {"Header": "X-Three", "Value": "p", "Override": False},
            ]
        ),
        RemoveHeadersConfig=quantified([{"Header": "x-gone"}]),
        SecurityHeadersConfig={
            "ContentSecurityPolicy": {
                "ContentSecurityPolicy": "default-src 'self'", "Override": True
            },
            "StrictTransportSecurity": {
                "AccessControlMaxAgeSec": 60, "IncludeSubdomains": True, "Preload": True,
                "Override": True,
            },
        },
    )  # fmt: skip
    made = edge.distribution(http_origin(origin.port), ResponseHeadersPolicyId=policy)
    headers = made.get("/x").headers
    found = [headers.get(name) for name in ("x-one", "x-two", "x-three", "x-gone")]
    assert found == ["p", "o", "p", None]
    assert headers["content-security-policy"] == "default-src 'self'"
    assert headers["strict-transport-security"] == "max-age=60; includeSubDomains; preload"


CORS = {
    "AccessControlAllowOrigins": quantified(["https://one.example", "https://*.two.example"]),
    "AccessControlAllowHeaders": quantified(["X-A", "X-B"]),
    "AccessControlAllowMethods": quantified(["GET", "POST"]),
    "AccessControlExposeHeaders": quantified(["X-C"]),
    "AccessControlAllowCredentials": True,
    "AccessControlMaxAgeSec": 600,
    "OriginOverride": False,
}


@pytest.mark.parametrize(
    ("site", "allowed"),
    [
        ("https://one.example", True),
        ("https://sub.two.example", True),
        ("http://one.example", False),
        ("https://two.example", False),
        ("https://one.example.evil", False),
    ],
)
def test_a_policy_sets_cors_headers(
    edge: Edge, origin: Origin, site: str, *, allowed: bool
) -> None:
    """Named origins get CORS headers, preflights further ones; other requests get none."""
    policy = headers_policy(edge, CorsConfig=CORS)
    made = edge.distribution(
        http_origin(origin.port),
        ResponseHeadersPolicyId=policy,
        AllowedMethods=methods(["GET", "HEAD", "OPTIONS"]),
    )
    assert "access-control-allow-origin" not in made.get("/x").headers
    headers = made.get("/x", Origin=site).headers
    preflight = made.get("/x", "OPTIONS", Origin=site, Access_Control_Request_Method="POST").headers
    assert headers.get("access-control-allow-origin") == (site if allowed else None)
    if allowed:
        assert headers["access-control-allow-credentials"] == "true"
        assert headers["access-control-expose-headers"] == "X-C"
        assert "Origin" in headers["vary"]
        assert preflight["access-control-allow-methods"] == "GET, POST"
        assert preflight["access-control-allow-headers"] == "X-A, X-B"
        assert preflight["access-control-max-age"] == "600"


@pytest.mark.parametrize(
    ("overrides", "expected"), [(False, "https://origin.example"), (True, "https://one.example")]
)
def test_cors_headers_are_the_origins_or_the_policys(
    edge: Edge, origin: Origin, expected: str, *, overrides: bool
) -> None:
    """All CORS headers are the origin's or all are the policy's, by OriginOverride."""
    own = {
        "Access-Control-Allow-Origin": "https://origin.example",
        "Access-Control-Allow-Methods": "PUT",
    }
    origin.respond = lambda _: OriginResponse(headers=own)
    policy = headers_policy(edge, CorsConfig={**CORS, "OriginOverride": overrides})
    made = edge.distribution(http_origin(origin.port), ResponseHeadersPolicyId=policy)
    headers = made.get("/x", Origin="https://one.example").headers
    assert headers["access-control-allow-origin"] == expected
    assert ("access-control-allow-methods" in headers) != overrides


@pytest.fixture
def with_pages(edge: Edge, origin: Origin) -> Distribution:
    """Return a distribution with a page for 404 and another status for 500."""
    pages = [
        {
            "ErrorCode": 404,
            "ResponsePagePath": "/pages/404.html",
            "ResponseCode": "200",
            "ErrorCachingMinTTL": 0,
        },
        {
            "ErrorCode": 500,
            "ResponsePagePath": "/pages/none.html",
            "ResponseCode": "503",
            "ErrorCachingMinTTL": 0,
        },
    ]
    origin.respond = lambda request: {
        "/pages/404.html": OriginResponse(
            b"our page", {"Content-Type": "text/html", "ETag": '"p"'}
        ),
        "/pages/none.html": OriginResponse(b"no page", status=404),
        "/broken": OriginResponse(b"broken", status=500),
    }.get(request.target, OriginResponse(b"not here", status=404))
    return edge.distribution(http_origin(origin.port), CustomErrorResponses=quantified(pages))


def test_an_error_page_has_its_own_status(with_pages: Distribution, origin: Origin) -> None:
    """An error page has the configured status, and is cached."""
    for _ in range(2):
        viewed = with_pages.get("/x", If_Match='"x"')
        assert viewed.headers["content-type"] == "text/html"
        assert viewed.cache == "Error"
    viewed = with_pages.get("/x")
    assert (viewed.status, viewed.body) == (200, b"our page")
    assert [each.target for each in origin.requests].count("/pages/404.html") == 1


def test_an_error_without_its_page_is_served(with_pages: Distribution) -> None:
    """If the page can't be fetched, the origin's response is served."""
    viewed = with_pages.get("/broken")
    assert (viewed.status, viewed.body) == (500, b"broken")


def test_policies_apply_to_errors(with_pages: Distribution) -> None:
    """Headers are set on all responses, including the edge's own errors."""
    with_pages.update(
        lambda config: config["DefaultCacheBehavior"].update(
            ResponseHeadersPolicyId=SECURITY_HEADERS, CachePolicyId=CACHING_OPTIMIZED
        )
    )
    for method in ("GET", "DELETE"):
        assert with_pages.get("/x", method).headers["x-content-type-options"] == "nosniff"
