"""Cache lifetimes of CloudFront."""

from email.utils import formatdate

import pytest
from werkzeug.datastructures import Headers

from localstack_native.cloudfront.cache import Cache, Entry, Key
from localstack_native.cloudfront.freshness import Lifetime, error_lifetime, lifetime

NOW = 1_800_000_000.0
LATER = formatdate(NOW + 100, usegmt=True)
BEFORE = formatdate(NOW - 100, usegmt=True)


def origin_headers(control: str = "", expires: str = "") -> Headers:
    """Return an origin's headers for a lifetime."""
    pairs = {"Cache-Control": control, "Expires": expires}
    return Headers({name: value for name, value in pairs.items() if value})


@pytest.mark.parametrize(
    ("headers", "without_min", "with_min"),
    [
        (origin_headers(), 500, 500),
        (origin_headers("public"), 500, 500),
        (origin_headers("max-age=100"), 100, 100),
        (origin_headers("max-age=5"), 5, 60),
        (origin_headers("max-age=0"), 0, 60),
        (origin_headers("max-age=5000"), 1000, 1000),
        (origin_headers("max-age=100, s-maxage=200"), 200, 200),
        (origin_headers('S-MaxAge="200", max-age=100'), 200, 200),
        (origin_headers(expires=LATER), 100, 100),
        (origin_headers(expires=BEFORE), 0, 60),
        (origin_headers(expires="0"), 0, 60),
        (origin_headers("max-age=200", LATER), 200, 200),
        (origin_headers("no-cache"), None, 60),
        (origin_headers('no-cache="Set-Cookie", max-age=60'), 60, 60),
        (origin_headers("no-store"), None, 60),
        (origin_headers("private, max-age=100"), None, 60),
        (origin_headers("max-age=x"), 500, 500),
    ],
)
def test_the_policy_limits_the_origins_lifetime(
    headers: Headers, without_min: float | None, with_min: float
) -> None:
    """Cache-Control and Expires apply between MinTTL and MaxTTL; the default is DefaultTTL."""
    for shortest, expected in ((0, without_min), (60, with_min)):
        found = lifetime(headers, (shortest, 500, 1000), NOW)
        assert (found.fresh if found else None) == expected


def test_the_origin_limits_stale_objects() -> None:
    """Two directives limit when a stale object may be served."""
    found = lifetime(
        origin_headers("max-age=10, stale-while-revalidate=20, stale-if-error=30"),
        (0, 0, 1000),
        NOW,
    )
    assert found == Lifetime(10, 20, 30)


@pytest.mark.parametrize(
    ("status", "headers", "configured", "expected"),
    [
        (404, origin_headers(), None, 10),
        (404, origin_headers("max-age=50"), None, 50),
        (404, origin_headers("max-age=50"), 100, 100),
        (404, origin_headers("no-store"), 100, None),
        (501, origin_headers("private"), None, None),
        (500, origin_headers("no-store"), None, 10),
        (404, origin_headers(), 0, None),
        (503, origin_headers(expires=LATER), None, 100),
        (403, origin_headers(), None, None),
        (403, origin_headers(), 30, 30),
        (403, origin_headers("max-age=50"), None, 50),
        (416, origin_headers("max-age=50"), 30, None),
    ],
)
def test_errors_have_lifetimes_of_their_own(
    status: int, headers: Headers, configured: int | None, expected: float | None
) -> None:
    """The longer of the origin's and the distribution's applies; the default is 10 s."""
    found = error_lifetime(status, headers, configured, NOW)
    assert (found.fresh if found else None) == expected


def test_a_missing_object_is_visible_after_the_ttl_of_errors() -> None:
    """A cached 404 is served until ErrorCachingMinTTL has passed, and not during revalidation."""
    found = error_lifetime(404, origin_headers(), 5, NOW)
    assert found
    missing = Entry(404, (), b"", NOW, found)
    assert missing.is_fresh(NOW + 4.9)
    assert not missing.is_fresh(NOW + 5)
    assert not missing.may_revalidate_later(NOW + 5)
    assert not missing.may_replace_error(NOW + 5)


def entry(size: int) -> Entry:
    """Return an entry with a body."""
    return Entry(200, (), bytes(size), NOW, Lifetime(60))


def key(path: str) -> Key:
    """Return the key of a path."""
    return Key("E1", path, "")


def test_the_least_recently_used_entry_is_removed() -> None:
    """The cache does not exceed its size limit."""
    cache = Cache(40_000)
    for path in ("/a", "/b", "/c"):
        cache.put(key(path), entry(10_000), cache.begin())
    assert cache.get(key("/a"))
    cache.put(key("/d"), entry(10_000), cache.begin())
    kept = [path for path in ("/a", "/b", "/c", "/d") if cache.get(key(path))]
    assert kept == ["/a", "/c", "/d"]


def test_a_response_requested_before_an_invalidation_is_not_cached() -> None:
    """It may be outdated."""
    cache = Cache(40_000)
    begun = cache.begin()
    cache.invalidate("E1", ["/other"])
    cache.put(key("/a"), entry(1), begun)
    assert not cache.get(key("/a"))
    cache.put(key("/a"), entry(1), cache.begin())
    assert cache.get(key("/a"))


@pytest.mark.parametrize(
    ("path", "query", "pattern", "expected"),
    [
        ("/a%20b", "", "/a%20b", True),
        ("/a%20b", "", "/a b", True),
        ("/a", "q=1", "/a", False),
        ("/a", "q=1", "/a*", True),
        ("/a", "q=1", "/a?q=1", True),
        ("/a/b", "", "/a", False),
        ("/A", "", "/a", False),
        ("/a", "", "*", True),
    ],
)
def test_an_invalidation_covers_paths(
    path: str, query: str, pattern: str, *, expected: bool
) -> None:
    """A path matches exactly, or with a final ``*`` any rest, encoded or not; it includes the query
    string.
    """
    assert Key("E1", path, query).is_covered(pattern) == expected
