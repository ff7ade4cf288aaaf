"""The Lambda Runtime API, as one runtime process sees it."""

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

from darkroom_emulator.awslambda.failures import response_too_large
from darkroom_emulator.security.browsers import is_browser

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
    """The runtime asks for its next invocation: it has started, or has finished the last one."""


@dataclass(frozen=True)
class Answer:
    """The runtime answered an invocation, with the handler's result or with its error."""

    payload: bytes
    is_error: bool


@dataclass(frozen=True)
class InitError:
    """The runtime could not load the function."""

    payload: bytes


type Message = Ready | Answer | InitError


class RuntimeApi:
    """The HTTP server that one runtime process talks to, on a loopback port of its own.

    The protocol belongs to the runtime, which drives it; all the platform does is to answer::

        starting --GET invocation/next--> ready --(an event is there: 200)--> invoking
           |                                ^                                    |
           | POST init/error                |          POST invocation/<id>/response
           v                                |          POST invocation/<id>/error
         failed                             +---GET invocation/next--- answered <+

    * **starting**: the function's module is being imported.
    * **ready**: ``next`` is held open, for minutes if need be, until there is an event.
    * **answered**: the result is known, but the runtime may still be writing logs; only its
      following ``next`` says that it has finished.

    Each step is passed to ``notify`` as a message. One runtime process has one such server, so
    that a ``next`` left hanging by a killed process can never take an event of its successor.
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
        """Give the runtime an event: now if it is ready, else as soon as it asks."""
        self.current = event.request_id
        self._events.put(event)

    def next_event(self) -> Event | None:
        """Wait for an event on the runtime's behalf; None when the server is closing."""
        self.notify(Ready())
        return self._events.get()

    def answer(self, request_id: str, answer: Answer) -> bool:
        """Take an answer; False if it is not the answer to the event that is being worked on."""
        if request_id != self.current:
            return False
        self.current = None
        self.notify(answer)
        return True

    def close(self) -> None:
        """Stop listening and let go of a waiting ``next``."""
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
            self.socket.shutdown(2)  # wakes ``accept``; closing alone would not
        except OSError:
            pass
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay quiet: a connection that breaks is a runtime that was killed."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet per answer: headers and body apart, Nagle's algorithm costs 40 ms for each event.
    wbufsize = -1
    disable_nagle_algorithm = True

    @property
    def api(self) -> RuntimeApi:
        return cast("_Server", self.server).api

    def parse_request(self) -> bool:
        """Refuse what a web page can send: it finds the port by trying."""
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
            self._take_answer(match["id"], body, is_error=match["kind"] == "error")
        else:
            self._reply(HTTPStatus.NOT_FOUND)

    def _take_answer(self, request_id: str, body: bytes, *, is_error: bool) -> None:
        status = HTTPStatus.ACCEPTED
        answer = Answer(body, is_error)
        if len(body) > self.api.max_response_bytes:
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            answer = Answer(response_too_large(self.api.max_response_bytes), is_error=True)
        if not self.api.answer(request_id, answer):
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
        """Log nothing: two lines for each invocation would bury the rest."""
