"""Edge cache: keys, lifetimes and invalidation."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from tests.speed import LIMIT

from .edge import (
    ALL_VIEWER_EXCEPT_HOST,
    CACHING_DISABLED,
    CACHING_OPTIMIZED,
    Distribution,
    Edge,
    Origin,
    OriginResponse,
    http_origin,
    quantified,
)
from .waiting import wait_for


@pytest.fixture
def cached(edge: Edge, origin: Origin) -> Distribution:
    """Return a distribution with MinTTL 0, whose origin numbers its responses."""
    numbers = count(1)
    origin.respond = lambda _: OriginResponse(str(next(numbers)).encode())
    return edge.distribution(http_origin(origin.port), CachePolicyId=edge.cache_policy())


def respond_with(origin: Origin, **headers: str) -> None:
    """Let the origin number its responses, with headers."""
    numbers = count(1)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    origin.respond = lambda _: OriginResponse(str(next(numbers)).encode(), named)


def test_an_object_is_fetched_once(cached: Distribution, origin: Origin) -> None:
    """The first request is a miss, and later ones are hits with an age."""
    first, second = cached.get("/x"), cached.get("/x")
    assert (first.cache, second.cache) == ("Miss", "Hit")
    assert first.body == second.body
    assert "age" not in first.headers
    assert int(second.headers["age"]) >= 0
    assert len(origin.requests) == 1


def test_the_age_includes_the_origins(cached: Distribution, origin: Origin) -> None:
    """The age of an object from another cache includes its age there."""
    respond_with(origin, Age="40")
    cached.get("/x")
    assert int(cached.get("/x").headers["age"]) >= 40


@pytest.mark.parametrize("control", ["no-store", "no-cache", "private", "private, max-age=60"])
@pytest.mark.parametrize(("shortest", "expected"), [(0, "Miss"), (60, "Hit")])
def test_an_origin_can_prevent_caching(
    edge: Edge, origin: Origin, control: str, shortest: int, expected: str
) -> None:
    """Its Cache-Control applies unless the policy has a MinTTL."""
    respond_with(origin, Cache_Control=control)
    policy = edge.cache_policy((shortest, 60, 60))
    made = edge.distribution(http_origin(origin.port), CachePolicyId=policy)
    made.get("/x")
    assert made.get("/x").cache == expected


def test_a_policy_without_ttls_caches_nothing(edge: Edge, origin: Origin) -> None:
    """With CachingDisabled, every request reaches the origin, with any headers."""
    respond_with(origin, Cache_Control="max-age=60", ETag='"1"')
    made = edge.distribution(http_origin(origin.port), CachePolicyId=CACHING_DISABLED)
    assert [made.get("/x").cache for _ in range(2)] == ["Miss", "Miss"]
    assert "if-none-match" not in origin.requests[1].headers


def test_the_cache_key_has_the_named_parts(edge: Edge, origin: Origin) -> None:
    """Query strings, headers and cookies that the policy does not name are ignored."""
    policy = edge.cache_policy(
        QueryStringsConfig={"QueryStringBehavior": "whitelist", "QueryStrings": quantified(["q"])},
        HeadersConfig={"HeaderBehavior": "whitelist", "Headers": quantified(["X-Key"])},
        CookiesConfig={"CookieBehavior": "whitelist", "Cookies": quantified(["key"])},
    )
    made = edge.distribution(http_origin(origin.port), CachePolicyId=policy)
    made.get("/x?q=1&r=1", X_Key="1", X_Other="1", Cookie="key=1; other=1")
    same = made.get("/x?r=2&q=1", x_key="1", X_Other="2", Cookie="other=2; key=1")
    assert same.cache == "Hit"
    for path, header, cookie in (
        ("/x?q=2", "1", "key=1"), ("/x?q=1", "2", "key=1"), ("/x?q=1", "1", "key=2"),
        ("/X?q=1", "1", "key=1"),
    ):  # fmt: skip
        assert made.get(path, X_Key=header, Cookie=cookie).cache == "Miss"


def cookies_of(made: Distribution, path: str = "/x") -> list[str | None]:
    """Return the Set-Cookie headers of two visitors, who send no cookies of their own."""
    return [made.get(path).headers.get("set-cookie") for _ in range(2)]


@pytest.mark.parametrize("policy", [CACHING_OPTIMIZED, CACHING_DISABLED, None])
def test_an_origin_without_cookies_sets_none(
    edge: Edge, origin: Origin, policy: str | None
) -> None:
    """If the behavior forwards no cookies, Set-Cookie is removed from all responses of the origin,
    cached or not.
    """
    respond_with(origin, Set_Cookie="session=1")
    changes: dict[str, Any] = {
        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
        "MinTTL": 60,
    }
    config = edge.config(http_origin(origin.port), **({} if policy else changes))
    config["DefaultCacheBehavior"]["CachePolicyId"] = policy
    if policy is None:
        del config["DefaultCacheBehavior"]["CachePolicyId"]
    made = edge.api.create_distribution(DistributionConfig=config)["Distribution"]
    assert cookies_of(Distribution(edge, made)) == [None, None]


def test_a_response_that_is_not_cached_sets_cookies(edge: Edge, origin: Origin) -> None:
    """With CachingDisabled and forwarded cookies, Set-Cookie reaches every viewer."""
    respond_with(origin, Set_Cookie="session=1")
    made = edge.distribution(
        http_origin(origin.port),
        CachePolicyId=CACHING_DISABLED,
        OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST,
    )
    assert cookies_of(made) == ["session=1", "session=1"]


def test_a_cookie_outside_the_key_reaches_one_visitor(edge: Edge, origin: Origin) -> None:
    """If cookies are forwarded but are not in the cache key, Set-Cookie reaches the viewer whose
    request the origin responds to, and neither those who wait for the same response nor those
    whose response is cached.
    """
    numbers, is_asked, may_respond = count(1), threading.Event(), threading.Event()

    def respond(_: object) -> OriginResponse:
        is_asked.set()
        may_respond.wait(LIMIT)
        return OriginResponse(b"x", {"Set-Cookie": f"session={next(numbers)}"})

    origin.respond = respond
    made = edge.distribution(
        http_origin(origin.port),
        CachePolicyId=edge.cache_policy(),
        OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST,
    )
    with ThreadPoolExecutor(4) as pool:
        responses = [pool.submit(made.get, "/x") for _ in range(4)]
        assert is_asked.wait(LIMIT)
        may_respond.set()
        cookies = [response.result().headers.get("set-cookie") for response in responses]
    assert sorted(filter(None, cookies)) == ["session=1"]
    assert len(origin.requests) == 1
    assert cookies_of(made) == [None, None]


def test_cookies_in_the_key_are_cached(edge: Edge, origin: Origin) -> None:
    """If the cache key has cookies, Set-Cookie is cached with the object, as on AWS, unless the
    origin sends ``no-cache="Set-Cookie"``.
    """
    respond_with(origin, Set_Cookie="session=1")
    policy = edge.cache_policy(CookiesConfig={"CookieBehavior": "all"})
    made = edge.distribution(http_origin(origin.port), CachePolicyId=policy)
    assert cookies_of(made) == ["session=1", "session=1"]
    respond_with(origin, Set_Cookie="session=2", Cache_Control='no-cache="Set-Cookie"')
    assert cookies_of(made, "/y") == ["session=2", None]
    assert made.get("/y").cache == "Hit"


def test_distributions_have_separate_caches(edge: Edge, origin: Origin) -> None:
    """Distributions do not share cached objects."""
    for _ in range(2):
        assert edge.distribution(http_origin(origin.port)).get("/x").cache == "Miss"


def test_a_stale_object_is_revalidated(cached: Distribution, origin: Origin) -> None:
    """The origin receives the object's validators; after a 304, the cached object is served."""
    date = "Thu, 01 Jan 2026 00:00:00 GMT"
    stale = {"Cache-Control": "max-age=0", "ETag": '"v1"', "Last-Modified": date}
    origin.respond = lambda request: (
        OriginResponse(b"", stale, 304)
        if request.headers.get("if-none-match") == '"v1"'
        else OriginResponse(b"1", stale)
    )
    assert cached.get("/x").cache == "Miss"
    again = cached.get("/x")
    assert (again.status, again.cache, again.body) == (200, "RefreshHit", b"1")
    assert origin.requests[1].headers["if-modified-since"] == date
    origin.respond = lambda _: OriginResponse(b"2", {"ETag": '"v2"'})
    changed = cached.get("/x")
    assert (changed.cache, changed.body) == ("Miss", b"2")


def test_a_304_sets_a_new_lifetime(cached: Distribution, origin: Origin) -> None:
    """The lifetime is that of the origin's last response."""
    origin.respond = lambda _: OriginResponse(b"1", {"Cache-Control": "max-age=0", "ETag": '"v1"'})
    cached.get("/x")
    origin.respond = lambda _: OriginResponse(b"", {"Cache-Control": "max-age=60"}, 304)
    assert [cached.get("/x").cache for _ in range(2)] == ["RefreshHit", "Hit"]


def test_conditions_are_evaluated_by_the_edge(cached: Distribution, origin: Origin) -> None:
    """Viewers' conditions are evaluated on the cached object and not forwarded."""
    respond_with(origin, ETag='"v1"', Last_Modified="Thu, 01 Jan 2026 00:00:00 GMT")
    cached.get("/x", If_None_Match='"v1"')
    assert "if-none-match" not in origin.requests[0].headers
    for condition in ('"v1"', 'W/"v1"', '"v0", "v1"', "*"):
        same = cached.get("/x", If_None_Match=condition)
        assert (same.status, same.body, same.cache) == (304, b"", "Hit")
    assert cached.get("/x", If_None_Match='"v2"').status == 200
    assert cached.get("/x", If_Modified_Since="Fri, 02 Jan 2026 00:00:00 GMT").status == 304
    assert cached.get("/x", If_Modified_Since="Wed, 31 Dec 2025 00:00:00 GMT").status == 200
    assert len(origin.requests) == 1


def test_ranges_are_served_from_the_cache(cached: Distribution, origin: Origin) -> None:
    """A range fetches the whole object once, and later ranges are cut from it."""
    origin.respond = lambda _: OriginResponse(b"0123456789", {"ETag": '"v1"'})
    for wanted, body, place in (
        ("bytes=2-4", b"234", "2-4"), ("bytes=7-", b"789", "7-9"), ("bytes=-2", b"89", "8-9"),
        ("bytes=5-99", b"56789", "5-9"),
    ):  # fmt: skip
        part = cached.get("/x", Range=wanted)
        assert (part.status, part.body) == (206, body)
        assert part.headers["content-range"] == f"bytes {place}/10"
        assert part.headers["content-length"] == str(len(body))
    outside = cached.get("/x", Range="bytes=10-")
    assert (outside.status, outside.headers["content-range"]) == (416, "bytes */10")
    assert cached.get("/x", Range="bytes=1-2", If_Range='"v1"').status == 206
    assert cached.get("/x", Range="bytes=1-2", If_Range='"v0"').status == 200
    assert cached.get("/x", Range="lines=1-2").status == 200
    assert len(origin.requests) == 1
    assert "range" not in origin.requests[0].headers


def test_large_objects_are_not_cached(cached: Distribution, origin: Origin) -> None:
    """An object above a quarter of the cache is fetched for each request; of a range, only that
    part.
    """
    large = bytes(range(250)) * 52_000
    origin.respond = lambda request: (
        OriginResponse(large[5:8], {"Content-Range": f"bytes 5-7/{len(large)}"}, 206)
        if "range" in request.headers
        else OriginResponse(large)
    )
    for _ in range(2):
        whole = cached.get("/x")
        assert (whole.cache, whole.headers["content-length"]) == ("Miss", str(len(large)))
        assert whole.body == large
    part = cached.get("/x", Range="bytes=5-7")
    assert (part.status, part.body) == (206, large[5:8])
    assert origin.requests[-1].headers["range"] == "bytes=5-7"


def test_head_requests_are_served_from_the_cache(cached: Distribution, origin: Origin) -> None:
    """HEAD of a cached object does not reach the origin."""
    cached.get("/x")
    head = cached.get("/x", "HEAD")
    assert (head.cache, head.body, head.headers["content-length"]) == ("Hit", b"", "1")
    assert len(origin.requests) == 1


def test_a_stale_object_is_served_while_it_is_revalidated(
    cached: Distribution, origin: Origin
) -> None:
    """Within stale-while-revalidate no viewer waits, and later viewers get the new version."""
    respond_with(origin, Cache_Control="max-age=0, stale-while-revalidate=60")
    assert cached.get("/x").body == b"1"
    arrived, may_answer = threading.Event(), threading.Event()

    def slow(_: object) -> OriginResponse:
        arrived.set()
        may_answer.wait(LIMIT)
        return OriginResponse(b"new", {"Cache-Control": "max-age=60"})

    origin.respond = slow
    meanwhile = cached.get("/x")
    assert (meanwhile.body, meanwhile.cache) == (b"1", "Hit")
    assert arrived.wait(LIMIT)
    may_answer.set()
    wait_for(lambda: cached.get("/x").body == b"new")
    assert len(origin.requests) == 2


def test_a_deleted_object_is_404_after_revalidation(cached: Distribution, origin: Origin) -> None:
    """A stale object is served during revalidation; after a 404 of the origin, viewers get 404."""
    rule = {"ErrorCode": 404, "ErrorCachingMinTTL": 0}
    cached.update(lambda config: config.update(CustomErrorResponses=quantified([rule])))
    respond_with(origin, Cache_Control="max-age=0, stale-while-revalidate=60")
    assert cached.get("/x").body == b"1"
    origin.respond = lambda _: OriginResponse(b"gone", status=404)
    assert cached.get("/x").status == 200
    wait_for(lambda: cached.get("/x").status == 404)


@pytest.mark.parametrize(
    ("control", "status", "body"),
    [
        ("max-age=0", 200, b"1"),
        ("max-age=0, stale-if-error=60", 200, b"1"),
        ("max-age=0, stale-if-error=0", 503, b"broken"),
    ],
)
def test_a_stale_object_is_served_if_the_origin_fails(
    cached: Distribution, origin: Origin, control: str, status: int, body: bytes
) -> None:
    """It replaces a 5xx until stale-if-error has passed, without a new request each time."""
    respond_with(origin, Cache_Control=control)
    cached.get("/x")
    origin.respond = lambda _: OriginResponse(b"broken", status=503)
    viewed = cached.get("/x")
    assert (viewed.status, viewed.body) == (status, body)
    count = len(origin.requests)
    assert cached.get("/x").status == status
    assert len(origin.requests) == count


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [(404, {}, 1), (500, {"Cache-Control": "no-store"}, 1), (403, {}, 2),
     (403, {"Cache-Control": "max-age=60"}, 1), (401, {"Cache-Control": "max-age=60"}, 2)],
)  # fmt: skip
def test_errors_are_cached(
    cached: Distribution, origin: Origin, status: int, headers: dict[str, str], expected: int
) -> None:
    """Some errors are always cached, some if they have a lifetime, some never; X-Cache is Error."""
    origin.respond = lambda _: OriginResponse(b"error", headers, status)
    for _ in range(2):
        viewed = cached.get("/x")
        assert (viewed.status, viewed.cache, viewed.body) == (status, "Error", b"error")
    assert len(origin.requests) == expected


@pytest.mark.parametrize(("ttl", "expected"), [(0, 2), (60, 1)])
@pytest.mark.parametrize("status", [403, 404])
def test_a_distribution_configures_the_ttl_of_errors(
    cached: Distribution, origin: Origin, status: int, ttl: int, expected: int
) -> None:
    """ErrorCachingMinTTL applies to each code."""
    rule = {"ErrorCode": status, "ErrorCachingMinTTL": ttl}
    cached.update(lambda config: config.update(CustomErrorResponses=quantified([rule])))
    origin.respond = lambda _: OriginResponse(status=status)
    cached.get("/x")
    cached.get("/x")
    assert len(origin.requests) == expected


def test_concurrent_viewers_share_one_origin_request(cached: Distribution, origin: Origin) -> None:
    """Viewers wait for the running origin request for the same object."""
    may_answer = threading.Event()

    def slow(_: object) -> OriginResponse:
        may_answer.wait(LIMIT)
        return OriginResponse(b"shared")

    origin.respond = slow
    with ThreadPoolExecutor(8) as viewers:
        views = [viewers.submit(cached.get, "/x") for _ in range(8)]
        wait_for(lambda: origin.requests)
        may_answer.set()
        assert {view.result().body for view in views} == {b"shared"}
    assert len(origin.requests) == 1


def test_a_private_response_is_not_shared(cached: Distribution, origin: Origin) -> None:
    """A viewer that waited for a private response sends its own request."""
    may_answer, numbers = threading.Event(), count(1)

    def private(_: object) -> OriginResponse:
        may_answer.wait(LIMIT)
        return OriginResponse(str(next(numbers)).encode(), {"Cache-Control": "private"})

    origin.respond = private
    with ThreadPoolExecutor(4) as viewers:
        views = [viewers.submit(cached.get, "/x") for _ in range(4)]
        wait_for(lambda: origin.requests)
        may_answer.set()
        assert len({view.result().body for view in views}) == 4


@pytest.mark.parametrize(
    ("paths", "gone"),
    [
        (["/*"], {"/a", "/images/b", "/images/deep/c"}),
        (["/images/*"], {"/images/b", "/images/deep/c"}),
        (["/a"], {"/a"}),
        (["/images/b", "/a"], {"/a", "/images/b"}),
        (["/im*"], {"/images/b", "/images/deep/c"}),
        (["/images"], set()),
    ],
)
def test_invalidations_take_effect_immediately(
    cached: Distribution, paths: list[str], gone: set[str]
) -> None:
    """Only objects that match a path are fetched again."""
    every = ["/a", "/images/b", "/images/deep/c"]
    for path in every:
        cached.get(path)
    assert cached.invalidate(*paths)["Status"] == "Completed"
    assert {path for path in every if cached.get(path).cache == "Miss"} == gone


def test_invalidations_cover_every_variant(edge: Edge, origin: Origin) -> None:
    """A path covers all variants by headers, and with a final * all query strings."""
    policy = edge.cache_policy(
        QueryStringsConfig={"QueryStringBehavior": "all"},
        HeadersConfig={"HeaderBehavior": "whitelist", "Headers": quantified(["X-Key"])},
    )
    made = edge.distribution(http_origin(origin.port), CachePolicyId=policy)

    def misses() -> set[str]:
        return {
            f"{path} {key}"
            for path in ("/x", "/x?a")
            for key in ("1", "2")
            if made.get(path, X_Key=key).cache == "Miss"
        }

    assert len(misses()) == 4
    made.invalidate("/x")
    assert misses() == {"/x 1", "/x 2"}
    made.invalidate("/x*")
    assert len(misses()) == 4


def test_an_invalidation_applies_to_running_requests(cached: Distribution, origin: Origin) -> None:
    """A response requested before the invalidation is neither cached nor served to new viewers."""
    may_answer = threading.Event()

    def old(_: object) -> OriginResponse:
        may_answer.wait(LIMIT)
        return OriginResponse(b"old")

    origin.respond = old
    with ThreadPoolExecutor(1) as viewers:
        early = viewers.submit(cached.get, "/x")
        wait_for(lambda: origin.requests)
        cached.invalidate("/*")
        origin.respond = lambda _: OriginResponse(b"new")
        assert cached.get("/x").body == b"new"
        may_answer.set()
        assert early.result().body == b"old"
    assert cached.get("/x").body == b"new"


def test_the_root_object_has_one_cache_entry(edge: Edge, origin: Origin) -> None:
    """``/`` and its name share a cache entry, and either invalidates it."""
    made = edge.distribution(http_origin(origin.port), DefaultRootObject="index.html")
    made.get("/")
    assert made.get("/index.html").cache == "Hit"
    made.invalidate("/")
    assert made.get("/index.html").cache == "Miss"
