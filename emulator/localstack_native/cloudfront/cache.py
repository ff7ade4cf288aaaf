"""Edge cache: keys, entries, lifetimes, size limit and invalidation."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from threading import Lock
from urllib.parse import unquote

from werkzeug.datastructures import Headers

from localstack_native.cloudfront.freshness import Lifetime, lifetime
from localstack_native.cloudfront.messages import Response

_OVERHEAD = 1024


@dataclass(frozen=True)
class Key:
    """A cache key: the parts of a request that distinguish cached objects."""

    distribution: str
    path: str
    query: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    cookies: str = ""
    encodings: str = ""

    def is_covered(self, pattern: str) -> bool:
        """Return whether an invalidation's path matches the key; a final ``*`` matches any rest."""
        target = f"{self.path}?{self.query}" if self.query else self.path
        for wanted, found in ((pattern, target), (unquote(pattern), unquote(target))):
            if wanted.endswith("*") and found.startswith(wanted[:-1]):
                return True
            if wanted == found:
                return True
        return False


@dataclass(frozen=True)
class Entry:
    """A cached response. Times are in seconds since the epoch."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    stored: float
    lifetime: Lifetime
    etag: str = ""
    """The origin's ETag; viewers of compressed responses get a weak one."""

    @property
    def size(self) -> int:
        """The approximate size in bytes."""
        return len(self.body) + _OVERHEAD

    def is_fresh(self, now: float) -> bool:
        """Return whether the entry may be served without revalidation."""
        return now - self.stored < self.lifetime.fresh

    def may_revalidate_later(self, now: float) -> bool:
        """Return whether the entry may be served during revalidation."""
        return now - self.stored < self.lifetime.fresh + self.lifetime.while_revalidating

    def may_replace_error(self, now: float) -> bool:
        """Return whether the entry may be served when the origin fails."""
        return now - self.stored < self.lifetime.fresh + self.lifetime.if_error

    def validators(self) -> dict[str, str]:
        """Return the request headers for revalidation at the origin."""
        modified = Headers(self.headers).get("Last-Modified", "")
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": modified}
        return {name: value for name, value in pairs.items() if value and self.status < 400}

    def renewed(self, headers: Headers, ttls: tuple[int, int, int], now: float) -> "Entry":
        """Return the entry after a successful revalidation."""
        merged = Headers(self.headers)
        for name in ("Cache-Control", "Expires", "Date", "Last-Modified"):
            if name in headers:
                merged[name] = headers[name]
        found = lifetime(merged, ttls, now) or Lifetime(0)
        return replace(self, headers=tuple(merged), stored=now, lifetime=found)

    def held(self, seconds: float, now: float) -> "Entry":
        """Return the entry, fresh for some seconds although its origin failed."""
        since = now - self.stored
        return replace(
            self,
            lifetime=replace(
                self.lifetime,
                fresh=since + seconds,
                if_error=max(0.0, self.lifetime.fresh + self.lifetime.if_error - since - seconds),
            ),
        )

    def response(self, source: str, now: float) -> Response:
        """Return the response to a viewer; ``source`` is the value for X-Cache."""
        headers = Headers(self.headers)
        if source == "Hit":
            age = int(headers.get("Age", "0")) if headers.get("Age", "0").isdigit() else 0
            headers["Age"] = str(age + max(0, int(now - self.stored)))
        return Response(self.status, headers, self.body, source)


class Cache:
    """Entries by key with a limit in bytes; the least recently used entries are evicted."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._size = 0
        self._clock = 0
        self._invalidated: dict[str, int] = {}

    @property
    def largest(self) -> int:
        """The largest body that is cached, in bytes."""
        return self._limit // 4

    def get(self, key: Key) -> Entry | None:
        """Return the entry of a key, fresh or stale; None if it is not cached."""
        with self._lock:
            entry = self._entries.get(key)
            if entry:
                self._entries.move_to_end(key)
            return entry

    def begin(self) -> int:
        """Return a logical time stamp, to be taken before a request to the origin."""
        with self._lock:
            return self._clock

    def put(self, key: Key, entry: Entry, begun: int) -> None:
        """Store an entry, unless an invalidation came after ``begun``."""
        with self._lock:
            if self._invalidated.get(key.distribution, 0) > begun:
                return
            self._remove(key)
            self._entries[key] = entry
            self._size += entry.size
            while self._size > self._limit:
                self._remove(next(iter(self._entries)))

    def drop(self, key: Key) -> None:
        """Remove the entry of a key."""
        with self._lock:
            self._remove(key)

    def invalidate(self, distribution: str, patterns: Iterable[str]) -> None:
        """Remove the entries that the paths match, and refuse responses requested before."""
        wanted = list(patterns)
        with self._lock:
            self._clock += 1
            self._invalidated[distribution] = self._clock
            for key in [
                key
                for key in self._entries
                if key.distribution == distribution
                and any(key.is_covered(pattern) for pattern in wanted)
            ]:
                self._remove(key)

    def _remove(self, key: Key) -> None:
        if entry := self._entries.pop(key, None):
            self._size -= entry.size
