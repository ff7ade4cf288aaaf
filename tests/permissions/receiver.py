"""A receiver of webhooks on this machine, which can refuse them for a while."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class _Handler(BaseHTTPRequestHandler):
    """Handler of one request."""

    server: "Receiver"

    def do_POST(self) -> None:
        """Record a webhook, and respond."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        refuses = self.server.refuses
        (self.server.refused if refuses else self.server.accepted).add(body["data"]["key"])
        self.send_response(503 if refuses else 204)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Print nothing."""


class Receiver(ThreadingHTTPServer):
    """Records the keys of the webhooks that it has accepted, and of those that it has refused."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.accepted: set[str] = set()
        self.refused: set[str] = set()
        self.refuses = False
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()

    @property
    def url(self) -> str:
        """The URL that webhooks are sent to."""
        return f"http://127.0.0.1:{self.server_port}/"

    def has(self, key: str) -> bool:
        """Return whether a webhook about a key was accepted."""
        return key in self.accepted

    def has_refused(self, key: str) -> bool:
        """Return whether a webhook about a key was refused."""
        return key in self.refused

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Refuse webhooks until the end of the block."""
        self.refuses = True
        try:
            yield
        finally:
            self.refuses = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.shutdown()
        self.server_close()
