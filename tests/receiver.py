"""A receiver of webhooks on this machine, which can refuse them, or be down, for a while."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class Receiver:
    """Records the webhooks that it has accepted, and the keys of those that it has refused."""

    def __init__(self) -> None:
        self.accepted: Counter[str] = Counter()
        """Deliveries of each event, by ID."""
        self.keys: set[str] = set()
        """Of the images in them."""
        self.refused: set[str] = set()
        self._refuses = False
        self._server = _Server(self, 0)

    @property
    def url(self) -> str:
        """The URL that webhooks are sent to."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def has(self, key: str) -> bool:
        """Return whether a webhook about a key was accepted."""
        return key in self.keys

    def has_refused(self, key: str) -> bool:
        """Return whether a webhook about a key was refused."""
        return key in self.refused

    def receive(self, webhook: dict[str, Any]) -> int:
        """Record a webhook; return the response's status."""
        detail = webhook["data"]
        if self._refuses:
            self.refused.add(detail["key"])
            return 503
        self.keys.add(detail["key"])
        self.accepted[detail["id"]] += 1
        return 204

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Refuse webhooks until the end of the block."""
        self._refuses = True
        try:
            yield
        finally:
            self._refuses = False

    @contextmanager
    def down(self) -> Iterator[None]:
        """Refuse connections until the end of the block."""
        self._server.stop()
        try:
            yield
        finally:
            self._server = _Server(self, self._server.server_port)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.stop()


class _Server(ThreadingHTTPServer):
    """A server of a receiver."""

    daemon_threads = True

    def __init__(self, receiver: Receiver, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.receiver = receiver
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()

    def receive(self, webhook: dict[str, Any]) -> int:
        """Record a webhook; return the response's status."""
        with self._lock:
            return self.receiver.receive(webhook)

    def stop(self) -> None:
        """Close the port."""
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Handler of one request."""

    server: _Server

    def do_POST(self) -> None:
        """Record a webhook, and respond."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(self.server.receive(json.loads(body)))
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Print nothing."""
