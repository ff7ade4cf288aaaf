"""Cache lifetimes: Cache-Control, Expires, TTLs of the policy, and TTLs of errors.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html
"""

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from werkzeug.datastructures import Headers

ERROR_TTL = 10
"""Seconds that an error is cached by default."""

ALWAYS_KEPT = frozenset({404, 410, 414, 500, 501, 502, 503, 504})
"""Errors that are cached without a lifetime of the origin's or the distribution's."""

REFUSABLE = frozenset({404, 410, 414, 501})
"""Errors that are not cached if the origin forbids it; for others, its prohibition is ignored."""

KEPT_IF_DATED = frozenset({400, 403, 405, 412, 415})
"""Errors that are cached if the origin gives a lifetime, or the distribution configures one."""

_FOR_EVER = 10 * 365 * 86_400


@dataclass(frozen=True)
class Lifetime:
    """Seconds that a response is fresh, and that it may be served stale."""

    fresh: float
    while_revalidating: float = 0
    if_error: float = _FOR_EVER
    """By default, CloudFront serves a stale object for as long as its origin fails."""


def directives(headers: Headers) -> dict[str, str]:
    """Return the directives of Cache-Control, in lower case."""
    parts = (part.strip() for part in ",".join(headers.getlist("Cache-Control")).split(","))
    pairs = (part.partition("=") for part in parts if part)
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def lifetime(headers: Headers, ttls: tuple[int, int, int], now: float) -> Lifetime | None:
    """Return a response's lifetime with a policy's TTLs; None if it must not be cached."""
    shortest, default, longest = ttls
    cache_control = directives(headers)
    # A ``no-cache`` with a field name concerns only this field.
    if cache_control.keys() & {"no-store", "private"} or cache_control.get("no-cache") == "":
        return Lifetime(shortest) if shortest else None
    own = _origin_lifetime(headers, cache_control, now)
    fresh = max(default, shortest) if own is None else min(max(own, shortest), longest)
    return Lifetime(
        fresh,
        _seconds(cache_control, "stale-while-revalidate") or 0,
        _FOR_EVER if (limit := _seconds(cache_control, "stale-if-error")) is None else limit,
    )


def error_lifetime(
    status: int, headers: Headers, configured: int | None, now: float
) -> Lifetime | None:
    """Return an error's lifetime; None if it must not be cached.

    ``configured`` is the distribution's ErrorCachingMinTTL in seconds.
    """
    cache_control = directives(headers)
    if status in REFUSABLE and cache_control.keys() & {"no-store", "no-cache", "private"}:
        return None
    own = _origin_lifetime(headers, cache_control, now)
    if status not in ALWAYS_KEPT and not (
        status in KEPT_IF_DATED and (own is not None or configured is not None)
    ):
        return None
    fresh = max(own or 0, ERROR_TTL if configured is None else configured)
    return Lifetime(fresh, if_error=0) if fresh > 0 else None


def _origin_lifetime(headers: Headers, cache_control: dict[str, str], now: float) -> float | None:
    """Return the lifetime in seconds by the origin's headers; None without one."""
    for name in ("s-maxage", "max-age"):
        if (seconds := _seconds(cache_control, name)) is not None:
            return seconds
    if "Expires" not in headers:
        return None
    try:
        return max(0.0, parsedate_to_datetime(headers["Expires"]).timestamp() - now)
    except ValueError:
        return 0.0


def _seconds(cache_control: dict[str, str], name: str) -> float | None:
    value = cache_control.get(name, "")
    return float(value) if value.isascii() and value.isdigit() else None
