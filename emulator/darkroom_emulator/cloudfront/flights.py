"""Requests for the same object, of which one goes to the origin."""

from collections.abc import Callable
from threading import Event, Lock

from darkroom_emulator.cloudfront.cache import Key


class _Flight[T]:
    def __init__(self) -> None:
        self.landed = Event()
        self.result: T | None = None


class Flights[T]:
    """Collapses what is asked at the same time under one key into one call.

    The first caller calls; those that come meanwhile wait, and get what it returned. When that is
    None (nothing that could be shared, or a failure), each of them calls for itself.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html#request-custom-traffic-spikes
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._flying: dict[Key, _Flight[T]] = {}

    def join(self, key: Key, call: Callable[[], T], shared: Callable[[T], T | None]) -> T:
        """Return what a call returns, the caller's own or one that was already under way."""
        with self._lock:
            flight = self._flying.get(key)
            if not flight:
                own = self._flying[key] = _Flight[T]()
        if flight:
            flight.landed.wait()
            return call() if flight.result is None else flight.result
        try:
            result = call()
            own.result = shared(result)
            return result
        finally:
            with self._lock:
                if self._flying.get(key) is own:
                    del self._flying[key]
            own.landed.set()

    def is_under_way(self, key: Key) -> bool:
        """Tell whether somebody calls already."""
        with self._lock:
            return key in self._flying

    def leave(self, distribution: str) -> None:
        """Let nobody join the calls for a distribution that are under way."""
        with self._lock:
            for key in [key for key in self._flying if key.distribution == distribution]:
                del self._flying[key]
