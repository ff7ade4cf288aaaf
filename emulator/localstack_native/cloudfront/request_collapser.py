"""Request collapsing: one origin request for simultaneous requests of one object."""

from collections.abc import Callable
from threading import Event, Lock

from localstack_native.cloudfront.cache import Key


class _Call[T]:
    def __init__(self) -> None:
        self.done = Event()
        self.result: T | None = None


class RequestCollapser[T]:
    """Collapses simultaneous calls with one key into one call.

    The first caller runs the call; the others wait for its result. If that is None (not shareable,
    or an error), each of them runs its own call.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html#request-custom-traffic-spikes
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._calls: dict[Key, _Call[T]] = {}

    def run(self, key: Key, call: Callable[[], T], shared: Callable[[T], T | None]) -> T:
        """Return the result of a call: the caller's own, or one that already runs.

        ``shared`` returns the part of a result for other callers; None if it is not shareable.
        """
        with self._lock:
            running = self._calls.get(key)
            if not running:
                own = self._calls[key] = _Call[T]()
        if running:
            running.done.wait()
            return call() if running.result is None else running.result
        try:
            result = call()
            own.result = shared(result)
            return result
        finally:
            with self._lock:
                if self._calls.get(key) is own:
                    del self._calls[key]
            own.done.set()

    def is_running(self, key: Key) -> bool:
        """Return whether a call with this key runs."""
        with self._lock:
            return key in self._calls

    def detach(self, distribution: str) -> None:
        """Prevent further callers from sharing the running calls of a distribution."""
        with self._lock:
            for key in [key for key in self._calls if key.distribution == distribution]:
                del self._calls[key]
