"""Requests of LocalStack to its own gateway, without a connection.

The gateway gets the same WSGI environment as from its server, rolo on Twisted, and handles the
request in a thread of its own. The requests are those of CloudFront, and of the clients by which
LocalStack's services call each other.
"""

import io
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote_to_bytes, urlsplit

import urllib3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from localstack import config
from rolo.gateway.wsgi import WsgiGateway
from werkzeug.http import http_date

ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class InProcessResponse:
    """A response; its body can be read once, and must be closed."""

    status: int
    headers: list[tuple[str, str]]
    body: Iterator[bytes]
    close: Callable[[], None]


def send(
    method: str,
    target: str,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    timeout: float | None = None,
) -> InProcessResponse:
    """Send a request whose ``target`` is path and query as in a request line.

    Raises TimeoutError if there is no response within ``timeout`` seconds; the request goes on.
    """
    environ = _environment(method, target, list(headers), body)
    future: Future[InProcessResponse] = Future()
    threading.Thread(target=_run, args=(future, environ), daemon=True).start()
    try:
        return future.result(timeout)
    except TimeoutError:
        future.add_done_callback(_discard)
        raise


def connect(hook: Any, self: Any, client: Any) -> Any:
    """Let a client for internal calls send its requests without a connection."""
    client = hook(self, client)
    client.meta.events.register_first("before-send.*.*", _answer)
    return client


def _answer(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
    """Return the response to a request; None to send it as usual, as a stream and elsewhere."""
    url, body = urlsplit(request.url), request.body or b""
    own = urlsplit(config.internal_service_url())
    if request.stream_output or not isinstance(body, bytes | bytearray | str):
        return None
    if (url.hostname, url.port) != (own.hostname, own.port):
        return None
    headers = [(name, _text(value)) for name, value in request.headers.items()]
    sent = send(
        request.method,
        f"{url.path or '/'}?{url.query}" if url.query else url.path or "/",
        [("Host", url.netloc), *(each for each in headers if each[0].lower() != "host")],
        body.encode() if isinstance(body, str) else bytes(body),
    )
    try:
        read = io.BytesIO(b"".join(sent.body))
    finally:
        sent.close()
    raw = urllib3.HTTPResponse(read, preload_content=False)
    return AWSResponse(request.url, sent.status, dict(sent.headers), raw)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _run(future: Future[InProcessResponse], environ: dict[str, Any]) -> None:
    try:
        future.set_result(_respond(environ))
    except BaseException as error:  # noqa: BLE001 (raised in the caller's thread)
        future.set_exception(error)


def _respond(environ: dict[str, Any]) -> InProcessResponse:
    from localstack.runtime import get_current_runtime

    started: list[tuple[str, list[tuple[str, str]]]] = []
    gateway = WsgiGateway(get_current_runtime().components.gateway)
    parts = gateway(environ, cast("Any", lambda *each: started.append(each[:2])))
    status, headers = started[-1]
    if not any(name.lower() == "date" for name, _ in headers):
        headers.append(("Date", http_date()))
    return InProcessResponse(
        int(status[:3]), headers, iter(parts), getattr(parts, "close", lambda: None)
    )


def _discard(future: Future[InProcessResponse]) -> None:
    if future.exception() is None:
        future.result().close()


def _environment(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes
) -> dict[str, Any]:
    path, _, query = target.partition("?")
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value)
    if body or method in {"POST", "PUT", "PATCH"}:
        values["content-length"] = [str(len(body))]
    host, _, port = values["host"][0].partition(":")
    return {
        "REQUEST_METHOD": method,
        "REMOTE_ADDR": ADDRESS,
        "REMOTE_PORT": "0",
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_TYPE": values.get("content-type", [""])[0],
        "CONTENT_LENGTH": values.get("content-length", [""])[0],
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REQUEST_URI": target,
        "RAW_URI": target,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.run_once": False,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.errors": io.StringIO(),
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "rolo.headers": [
            (name.encode("latin-1"), each.encode("latin-1", "replace"))
            for name, group in values.items()
            for each in group
        ],
        **{
            f"HTTP_{name.upper().replace('-', '_')}": ",".join(group)
            for name, group in values.items()
        },
    }
