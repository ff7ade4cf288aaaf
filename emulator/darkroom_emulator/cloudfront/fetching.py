"""Getting an object: from the cache, or from the origin by way of the cache."""

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from werkzeug.datastructures import Headers

from darkroom_emulator.cloudfront import freshness, origins, pages
from darkroom_emulator.cloudfront.cache import Cache, Entry, Key
from darkroom_emulator.cloudfront.compression import compressed
from darkroom_emulator.cloudfront.flights import Flights
from darkroom_emulator.cloudfront.forwarding import forwarded, key_of
from darkroom_emulator.cloudfront.messages import Answer, OriginError, Request
from darkroom_emulator.cloudfront.settings import Settings
from darkroom_emulator.cloudfront.store import Distribution


@dataclass(frozen=True)
class Errand:
    """All that is needed to ask a distribution's origin for what a viewer wants."""

    distribution: Distribution
    origins: tuple[Mapping[str, Any], ...]
    """The origin, and the one to ask instead when it fails, if there is one."""
    failover: frozenset[int]
    """The statuses that count as failing."""
    settings: Settings
    request: Request
    cached_methods: frozenset[str]

    @property
    def key(self) -> Key:
        """What the answer is kept under."""
        return key_of(self.distribution.id, self.request, self.settings)

    def error_ttl(self, status: int) -> int | None:
        """Return the distribution's ErrorCachingMinTTL for a status, if it has one."""
        for each in (self.distribution.config.get("CustomErrorResponses") or {}).get("Items") or ():
            if each["ErrorCode"] == status:
                return int(each.get("ErrorCachingMinTTL", freshness.ERROR_TTL))
        return None


type Fetched = tuple[Entry | None, Answer]
"""An answer, and how it was kept; None if it is for one viewer alone."""


class Fetcher:
    """Answers from the cache what is there, and asks the origin for the rest.

    An entry is fresh (a hit), stale within ``stale-while-revalidate`` (a hit, and the origin is
    asked behind the viewer's back), or stale: then the origin is asked whether it is still the
    same, and it outlives the failure of an origin that does not say.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._flights = Flights[Fetched]()

    def forget(self, distribution: str, patterns: list[str]) -> None:
        """Forget what an invalidation's paths cover."""
        self._cache.forget(distribution, patterns)
        self._flights.leave(distribution)

    def get(self, errand: Errand) -> Answer:
        """Return the answer to a request."""
        method, now = errand.request.method, time.time()
        if method not in errand.cached_methods:
            return self._ask(errand, whole=False)
        key = errand.key
        entry = self._cache.get(key)
        if entry and entry.is_fresh(now):
            return entry.answer("Hit", now)
        if method == "HEAD" or not errand.settings.caches:
            return self._pass(errand, key)
        if entry and entry.may_revalidate_later(now):
            if not self._flights.is_under_way(key):
                threading.Thread(target=self._join, args=(errand, key), daemon=True).start()
            return entry.answer("Hit", now)
        return self._join(errand, key)

    def _join(self, errand: Errand, key: Key) -> Answer:
        kept, answer = self._flights.join(
            key,
            lambda: self._fetch(errand, key),
            lambda result: result if result[0] else None,
        )
        # Each viewer gets headers of its own.
        return replace(answer, headers=Headers(answer.headers)) if kept else answer

    def _pass(self, errand: Errand, key: Key) -> Answer:
        """Ask for one viewer alone; of what comes back, errors are kept."""
        begun = self._cache.begin()
        answer = self._ask(errand, whole=False)
        # 412 and 416 are about the viewer's own conditions and range.
        if (
            errand.request.method == "GET"
            and answer.status >= 400
            and answer.status not in {412, 416}
        ):
            answer.body = body = self._read(answer)
            if isinstance(body, bytes) and (entry := self._kept(errand, answer, body)):
                self._cache.put(key, entry, begun)
        return answer

    def _fetch(self, errand: Errand, key: Key) -> Fetched:
        """Ask the origin, and keep what it answers."""
        begun, entry = self._cache.begin(), self._cache.get(key)
        answer, body = self._ask_whole(errand, entry.validators() if entry else {})
        now = time.time()
        if entry and answer.status >= 500 and entry.may_replace_error(now):
            answer.close()
            seconds = errand.error_ttl(answer.status)
            held = entry.held(freshness.ERROR_TTL if seconds is None else seconds, now)
            self._cache.put(key, held, begun)
            return held, held.answer("RefreshHit", now)
        if entry and answer.status == 304:
            renewed = entry.renewed(answer.headers, errand.settings.ttls, now)
            self._cache.put(key, renewed, begun)
            return renewed, renewed.answer("RefreshHit", now)
        if not isinstance(body, bytes):
            self._cache.drop(key)
            return None, self._too_large(errand, answer, body)
        etag = answer.headers.get("ETag", "")
        if errand.settings.compresses:
            body = compressed(answer.status, answer.headers, body, key.encodings)
        answer.body = body
        entry = self._kept(errand, answer, body, etag)
        if entry:
            self._cache.put(key, entry, begun)
        else:
            # What was kept is not so any more: it may have been deleted.
            self._cache.drop(key)
        return entry, answer

    def _kept(self, errand: Errand, answer: Answer, body: bytes, etag: str = "") -> Entry | None:
        """Return how an answer is to be kept; None if it is for one viewer alone."""
        now = time.time()
        if answer.status >= 400:
            configured = errand.error_ttl(answer.status)
            lifetime = freshness.error_lifetime(answer.status, answer.headers, configured, now)
        else:
            lifetime = freshness.lifetime(answer.headers, errand.settings.ttls, now)
        if lifetime is None or answer.status == 206:
            return None
        return Entry(answer.status, tuple(answer.headers), body, now, lifetime, etag)

    def _ask_whole(
        self, errand: Errand, validators: Mapping[str, str]
    ) -> tuple[Answer, bytes | Iterator[bytes]]:
        """Ask the origin for an object as such, and read it as far as it could be kept."""
        answer = self._ask(errand, whole=True, validators=validators)
        try:
            return answer, self._read(answer)
        except OriginError as error:
            answer.close()
            answer = pages.refusal(error.status, str(error))
            return answer, answer.body

    def _read(self, answer: Answer) -> bytes | Iterator[bytes]:
        """Return a body as a whole; as a stream if it is too large to be kept."""
        if isinstance(answer.body, bytes):
            return answer.body
        stream, read = answer.body, bytearray()
        length = answer.headers.get("Content-Length", "")
        if length.isdigit() and int(length) > self._cache.largest:
            return stream
        for chunk in stream:
            read += chunk
            if len(read) > self._cache.largest:
                return chain([bytes(read)], stream)
        answer.close()
        return bytes(read)

    def _too_large(self, errand: Errand, answer: Answer, body: Iterator[bytes]) -> Answer:
        """Hand an object on without keeping it; of a range, ask for no more than that."""
        if "Range" in errand.request.headers:
            answer.close()
            return self._ask(errand, whole=False)
        answer.body = body
        return answer

    def _ask(
        self, errand: Errand, *, whole: bool, validators: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask the origin, and if it fails the one that stands in for it."""
        answer = pages.refusal(502, "There is no origin.")
        for origin in errand.origins:
            request = forwarded(
                errand.distribution.id, errand.request, errand.settings, whole=whole
            )
            request.headers.update(validators or {})
            try:
                answer = origins.fetch(errand.distribution, origin, request)
            except OriginError as error:
                answer = pages.refusal(error.status, str(error))
            if answer.status not in errand.failover:
                break
            if origin is not errand.origins[-1]:
                answer.close()
        return answer
