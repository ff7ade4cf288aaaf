"""Lambda Runtime API: the HTTP server that one runtime process polls for events."""

import re
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from queue import SimpleQueue
from typing import cast

from werkzeug.datastructures import Headers

from localstack_native.awslambda.failures import response_too_large
from localstack_native.security.browsers import is_browser

VERSION = "/2018-06-01/runtime"
INVOCATION = re.compile(rf"{VERSION}/invocation/(?P<id>[^/]+)/(?P<kind>response|error)")


@dataclass(frozen=True)
class Event:
    """One invocation, as the runtime receives it."""

    request_id: str
    payload: bytes
    function_arn: str
    trace_id: str
    deadline: float
    """Seconds since the epoch."""


@dataclass(frozen=True)
class Ready:
    """The runtime requests its next invocation: it has started or finished the last one."""


@dataclass(frozen=True)
class InvocationResponse:
    """The runtime's response to an invocation: the handler's result or its error."""

    payload: bytes
    is_error: bool


@dataclass(frozen=True)
class InitError:
    """The runtime failed to load the function."""

    payload: bytes


type Message = Ready | InvocationResponse | InitError


class RuntimeApi:
    """The HTTP server of one runtime process, on a loopback port of its own.

    The runtime drives the protocol; the platform only responds::

        starting --GET invocation/next--> ready --(200 with an event)--> invoking
           |                                ^                                |
           | POST init/error                |      POST invocation/<id>/response
           v                                |      POST invocation/<id>/error
         failed                             +--GET invocation/next-- completed <+

    * **starting**: the runtime imports the function's module.
    * **ready**: ``next`` stays open until an event arrives, for minutes if necessary.
    * **completed**: the result is known, but the runtime may still write logs; its following
      ``next`` means that it has finished.

    ``notify`` receives each step as a message. Each runtime process has its own server: a ``next``
    that a killed process left open can't take an event of the next process.
    """

    def __init__(self, notify: Callable[[Message], None], max_response_bytes: int) -> None:
        self.notify = notify
        self.max_response_bytes = max_response_bytes
        self.current: str | None = None
        self._events: SimpleQueue[Event | None] = SimpleQueue()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        threading.Thread(
            target=self._server.serve_until_closed, name="lambda-runtime-api", daemon=True
        ).start()

    @property
    def address(self) -> str:
        """The value of ``AWS_LAMBDA_RUNTIME_API``."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def send(self, event: Event) -> None:
        """Send the runtime an event, as soon as it requests one."""
        self.current = event.request_id
        self._events.put(event)

    def next_event(self) -> Event | None:
        """Wait for an event and return it; None when the server is closing."""
        self.notify(Ready())
        return self._events.get()

    def complete(self, request_id: str, response: InvocationResponse) -> bool:
        """Accept the current event's response; return False for another request ID."""
        if request_id != self.current:
            return False
        self.current = None
        self.notify(response)
        return True

    def close(self) -> None:
        """Stop listening and end a waiting ``next``."""
        self._server.close()
        self._events.put(None)


class _Server(socketserver.ThreadingTCPServer):
    """A threading server that accepts without polling (``serve_forever`` wakes twice a second)."""

    daemon_threads = True
    block_on_close = False
    api: RuntimeApi

    def serve_until_closed(self) -> None:
        while True:
            try:
                request, address = self.get_request()
            except OSError:
                return
            self.process_request(request, address)

    def close(self) -> None:
        try:
            self.socket.shutdown(2)  # wakes ``accept``, which closing alone does not
        except OSError:
            pass
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Log nothing: a broken connection is that of a killed runtime."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet a response: with separate packets, Nagle's algorithm adds 40 ms to each event.
    wbufsize = -1
    disable_nagle_algorithm = True

    @property
    def api(self) -> RuntimeApi:
        return cast("_Server", self.server).api

    def parse_request(self) -> bool:
        """Refuse requests of web pages, which can find the port by trying."""
        if not super().parse_request():
            return False
        is_own = self.headers.get("Host") == self.api.address
        if is_own and not is_browser(Headers(self.headers.items())):
            return True
        self.send_error(HTTPStatus.FORBIDDEN)
        return False

    def do_GET(self) -> None:
        if self.path != f"{VERSION}/invocation/next":
            self._reply(HTTPStatus.NOT_FOUND)
            return
        event = self.api.next_event()
        if event is None:
            self.close_connection = True
            return
        self._reply(
            HTTPStatus.OK,
            event.payload,
            {
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": event.request_id,
                "Lambda-Runtime-Deadline-Ms": str(int(event.deadline * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": event.function_arn,
                "Lambda-Runtime-Trace-Id": event.trace_id,
            },
        )

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if self.path == f"{VERSION}/init/error":
            self._reply(HTTPStatus.ACCEPTED)
            self.api.notify(InitError(body))
        elif match := INVOCATION.fullmatch(self.path):
            self._complete_invocation(match["id"], body, is_error=match["kind"] == "error")
        else:
            self._reply(HTTPStatus.NOT_FOUND)

    def _complete_invocation(self, request_id: str, body: bytes, *, is_error: bool) -> None:
        status = HTTPStatus.ACCEPTED
        response = InvocationResponse(body, is_error)
        if len(body) > self.api.max_response_bytes:
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            response = InvocationResponse(
                response_too_large(self.api.max_response_bytes), is_error=True
            )
        if not self.api.complete(request_id, response):
            status = HTTPStatus.BAD_REQUEST
        self._reply(status)

    def _reply(
        self, status: HTTPStatus, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Log nothing: two lines for each invocation would hide other messages."""
