"""What the edge keeps, within a bound and until it is told to forget."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from threading import Lock
from urllib.parse import unquote

from werkzeug.datastructures import Headers

from darkroom_emulator.cloudfront.freshness import Lifetime, lifetime
from darkroom_emulator.cloudfront.messages import Answer

_OVERHEAD = 1024


@dataclass(frozen=True)
class Key:
    """What distinguishes cached objects."""

    distribution: str
    path: str
    query: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    cookies: str = ""
    encodings: str = ""

    def is_covered(self, pattern: str) -> bool:
        """Tell whether an invalidation's path covers it; ``*`` at the end is any rest."""
        target = f"{self.path}?{self.query}" if self.query else self.path
        for wanted, found in ((pattern, target), (unquote(pattern), unquote(target))):
            if wanted.endswith("*") and found.startswith(wanted[:-1]):
                return True
            if wanted == found:
                return True
        return False


@dataclass(frozen=True)
class Entry:
    """A response that is kept. Times are seconds since the epoch."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    stored: float
    lifetime: Lifetime
    etag: str = ""
    """The origin's, which compression makes a weak one for viewers."""

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        return len(self.body) + _OVERHEAD

    def is_fresh(self, now: float) -> bool:
        """Tell whether it may be served as it is."""
        return now - self.stored < self.lifetime.fresh

    def may_revalidate_later(self, now: float) -> bool:
        """Tell whether it may be served while the origin is being asked."""
        return now - self.stored < self.lifetime.fresh + self.lifetime.while_revalidating

    def may_replace_error(self, now: float) -> bool:
        """Tell whether it may be served when the origin fails."""
        return now - self.stored < self.lifetime.fresh + self.lifetime.if_error

    def validators(self) -> dict[str, str]:
        """Return the headers that ask the origin whether it is still the same."""
        modified = Headers(self.headers).get("Last-Modified", "")
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": modified}
        return {name: value for name, value in pairs.items() if value and self.status < 400}

    def renewed(self, headers: Headers, ttls: tuple[int, int, int], now: float) -> "Entry":
        """Return it as it is after the origin has said that it is still the same."""
        merged = Headers(self.headers)
        for name in ("Cache-Control", "Expires", "Date", "Last-Modified"):
            if name in headers:
                merged[name] = headers[name]
        found = lifetime(merged, ttls, now) or Lifetime(0)
        return replace(self, headers=tuple(merged), stored=now, lifetime=found)

    def held(self, seconds: float, now: float) -> "Entry":
        """Return it as it is while the origin is not asked again."""
        since = now - self.stored
        return replace(
            self,
            lifetime=replace(
                self.lifetime,
                fresh=since + seconds,
                if_error=max(0.0, self.lifetime.fresh + self.lifetime.if_error - since - seconds),
            ),
        )

    def answer(self, source: str, now: float) -> Answer:
        """Return the response that it is."""
        headers = Headers(self.headers)
        if source == "Hit":
            age = int(headers.get("Age", "0")) if headers.get("Age", "0").isdigit() else 0
            headers["Age"] = str(age + max(0, int(now - self.stored)))
        return Answer(self.status, headers, self.body, source)


class Cache:
    """Entries by key, within a number of bytes; what was used longest ago goes first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = Lock()
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._size = 0
        self._clock = 0
        self._forgotten: dict[str, int] = {}

    @property
    def largest(self) -> int:
        """Bytes that a body may have to be kept."""
        return self._limit // 4

    def get(self, key: Key) -> Entry | None:
        """Return what is kept, fresh or not."""
        with self._lock:
            entry = self._entries.get(key)
            if entry:
                self._entries.move_to_end(key)
            return entry

    def begin(self) -> int:
        """Return a mark of now, before the origin is asked."""
        with self._lock:
            return self._clock

    def put(self, key: Key, entry: Entry, begun: int) -> None:
        """Keep a response, unless the edge was told to forget after the request had begun."""
        with self._lock:
            if self._forgotten.get(key.distribution, 0) > begun:
                return
            self._remove(key)
            self._entries[key] = entry
            self._size += entry.size
            while self._size > self._limit:
                self._remove(next(iter(self._entries)))

    def drop(self, key: Key) -> None:
        """Keep nothing under a key."""
        with self._lock:
            self._remove(key)

    def forget(self, distribution: str, patterns: Iterable[str]) -> None:
        """Drop what the paths of an invalidation cover, and what is on its way from an origin."""
        wanted = list(patterns)
        with self._lock:
            self._clock += 1
            self._forgotten[distribution] = self._clock
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
