"""Fetching of objects from the cache or, through the cache, from the origin."""

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from werkzeug.datastructures import Headers

from localstack_native.cloudfront import freshness, origins, pages
from localstack_native.cloudfront.cache import Cache, Entry, Key
from localstack_native.cloudfront.compression import compressed
from localstack_native.cloudfront.forwarding import forwarded, key_of
from localstack_native.cloudfront.messages import OriginError, Request, Response
from localstack_native.cloudfront.request_collapser import RequestCollapser
from localstack_native.cloudfront.settings import Settings
from localstack_native.cloudfront.store import Distribution

_FAILOVER = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods of requests that are repeated at the secondary origin."""


@dataclass(frozen=True)
class OriginFetch:
    """A viewer's request, with the origins, failover statuses and settings that apply to it."""

    distribution: Distribution
    origins: tuple[Mapping[str, Any], ...]
    """The origin and, in an origin group, the secondary one."""
    failover: frozenset[int]
    """The statuses that cause a failover."""
    settings: Settings
    request: Request
    cached_methods: frozenset[str]

    @property
    def key(self) -> Key:
        """The cache key of the response."""
        return key_of(self.distribution.id, self.request, self.settings)

    def error_ttl(self, status: int) -> int | None:
        """Return the distribution's ErrorCachingMinTTL for a status; None without one."""
        for each in (self.distribution.config.get("CustomErrorResponses") or {}).get("Items") or ():
            if each["ErrorCode"] == status:
                return int(each.get("ErrorCachingMinTTL", freshness.ERROR_TTL))
        return None


type Fetched = tuple[Entry | None, Response]
"""The cache entry, None if the response is not cached; and the response."""


class Fetcher:
    """Serves objects from the cache, and requests the others from the origin.

    A fresh entry is a hit. An entry within ``stale-while-revalidate`` is a hit, too, and is
    revalidated in the background. Any other stale entry is revalidated first, and is served if the
    origin fails.

    If the origin gets no cookies, its Set-Cookie headers are removed. If it gets some that are not
    in the cache key, only the viewer whose request it responds to gets the Set-Cookie headers.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Cookies.html
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._collapser = RequestCollapser[Fetched]()

    def invalidate(self, distribution: str, patterns: list[str]) -> None:
        """Remove the entries that an invalidation's paths match."""
        self._cache.invalidate(distribution, patterns)
        self._collapser.detach(distribution)

    def get(self, fetch: OriginFetch) -> Response:
        """Return the response to a request."""
        method, now = fetch.request.method, time.time()
        if method not in fetch.cached_methods:
            return self._send(fetch, whole=False)
        key = fetch.key
        entry = self._cache.get(key)
        if entry and entry.is_fresh(now):
            return entry.response("Hit", now)
        if method == "HEAD" or not fetch.settings.caches:
            return self._bypass(fetch, key)
        if entry and entry.may_revalidate_later(now):
            if not self._collapser.is_running(key):
                threading.Thread(target=self._collapsed, args=(fetch, key), daemon=True).start()
            return entry.response("Hit", now)
        return self._collapsed(fetch, key)

    def _collapsed(self, fetch: OriginFetch, key: Key) -> Response:
        kept, response = self._collapser.run(
            key,
            lambda: self._fetch(fetch, key),
            _for_others,
        )
        # Each viewer gets headers of its own.
        return replace(response, headers=Headers(response.headers)) if kept else response

    def _bypass(self, fetch: OriginFetch, key: Key) -> Response:
        """Send a request for one viewer; of the responses, only errors are cached."""
        begun = self._cache.begin()
        response = self._send(fetch, whole=False)
        # 412 and 416 depend on the viewer's conditions and range.
        if (
            fetch.request.method == "GET"
            and response.status >= 400
            and response.status not in {412, 416}
        ):
            response.body = body = self._read(response)
            if isinstance(body, bytes) and (entry := self._kept(fetch, response, body)):
                self._cache.put(key, entry, begun)
        return response

    def _fetch(self, fetch: OriginFetch, key: Key) -> Fetched:
        """Request the whole object from the origin, and cache the response."""
        begun, entry = self._cache.begin(), self._cache.get(key)
        response, body = self._send_for_whole(fetch, entry.validators() if entry else {})
        now = time.time()
        if entry and response.status >= 500 and entry.may_replace_error(now):
            response.close()
            seconds = fetch.error_ttl(response.status)
            held = entry.held(freshness.ERROR_TTL if seconds is None else seconds, now)
            self._cache.put(key, held, begun)
            return held, held.response("RefreshHit", now)
        if entry and response.status == 304:
            renewed = entry.renewed(response.headers, fetch.settings.ttls, now)
            self._cache.put(key, renewed, begun)
            return renewed, renewed.response("RefreshHit", now)
        if not isinstance(body, bytes):
            self._cache.drop(key)
            return None, self._too_large(fetch, response, body)
        etag = response.headers.get("ETag", "")
        if fetch.settings.compresses:
            body = compressed(response.status, response.headers, body, key.encodings)
        response.body = body
        entry = self._kept(fetch, response, body, etag)
        if entry:
            self._cache.put(key, entry, begun)
        else:
            # The old entry is outdated: the object may have been deleted.
            self._cache.drop(key)
        return entry, response

    def _kept(
        self, fetch: OriginFetch, response: Response, body: bytes, etag: str = ""
    ) -> Entry | None:
        """Return the cache entry of a response; None if it must not be cached."""
        now = time.time()
        if response.status >= 400:
            configured = fetch.error_ttl(response.status)
            lifetime = freshness.error_lifetime(response.status, response.headers, configured, now)
        else:
            lifetime = freshness.lifetime(response.headers, fetch.settings.ttls, now)
        if lifetime is None or response.status == 206:
            return None
        headers = Headers(response.headers)
        settings, no_cache = fetch.settings, freshness.directives(headers).get("no-cache", "")
        if settings.key.cookies.behavior == "none" or no_cache.lower() == "set-cookie":
            headers.remove("Set-Cookie")
        return Entry(response.status, tuple(headers), body, now, lifetime, etag)

    def _send_for_whole(
        self, fetch: OriginFetch, validators: Mapping[str, str]
    ) -> tuple[Response, bytes | Iterator[bytes]]:
        """Request the whole object, and read its body if it is small enough for the cache."""
        response = self._send(fetch, whole=True, validators=validators)
        try:
            return response, self._read(response)
        except OriginError as error:
            response.close()
            response = pages.error_response(error.status, str(error))
            return response, response.body

    def _read(self, response: Response) -> bytes | Iterator[bytes]:
        """Return the whole body; as a stream if it is too large for the cache."""
        if isinstance(response.body, bytes):
            return response.body
        stream, read = response.body, bytearray()
        length = response.headers.get("Content-Length", "")
        if length.isdigit() and int(length) > self._cache.largest:
            return stream
        for chunk in stream:
            read += chunk
            if len(read) > self._cache.largest:
                return chain([bytes(read)], stream)
        response.close()
        return bytes(read)

    def _too_large(self, fetch: OriginFetch, response: Response, body: Iterator[bytes]) -> Response:
        """Return an object that is not cached; for a range, request only the range."""
        if "Range" in fetch.request.headers:
            response.close()
            return self._send(fetch, whole=False)
        response.body = body
        return response

    def _send(
        self, fetch: OriginFetch, *, whole: bool, validators: Mapping[str, str] | None = None
    ) -> Response:
        """Send a request to the origin, and to the secondary origin if the first one fails."""
        response = pages.error_response(502, "The distribution has no origin.")
        for origin in fetch.origins:
            request = forwarded(fetch.distribution.id, fetch.request, fetch.settings, whole=whole)
            request.headers.update(validators or {})
            try:
                response = origins.fetch(fetch.distribution, origin, request)
            except OriginError as error:
                response = pages.error_response(error.status, str(error))
            if response.status not in fetch.failover or fetch.request.method not in _FAILOVER:
                break
            if origin is not fetch.origins[-1]:
                response.close()
        if not fetch.settings.forwards_cookies:
            response.headers.remove("Set-Cookie")
        return response


def _for_others(fetched: Fetched) -> Fetched | None:
    """Return a response for other viewers, with the cached headers; None if it is not cached."""
    entry, response = fetched
    return (entry, replace(response, headers=Headers(entry.headers))) if entry else None
