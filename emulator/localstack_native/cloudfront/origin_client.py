"""HTTP client for origin requests, which sends paths and queries without normalization."""

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from localstack import config
from werkzeug.datastructures import Headers

from localstack_native import in_process
from localstack_native.cloudfront.messages import HOP_BY_HOP, OriginError, Request, Response
from localstack_native.security import trust

_CHUNK = 64 * 1024
_NOT_FORWARDED = HOP_BY_HOP | {"x-localstack"}
_NOT_SENT = HOP_BY_HOP | {"host", "content-length", trust.HEADER}
# All characters that a request line may contain; the others are percent-encoded.
_AS_SENT = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True)
class Endpoint:
    """The address, path prefix and Host header for an origin's requests."""

    scheme: str
    host: str
    port: int
    path: str
    """The prefix of the request's path."""
    name: str
    """The Host header."""
    is_own: bool = False
    """Whether it is LocalStack itself, where CloudFront may reach more than browsers."""


def gateway(path: str, name: str = "") -> Endpoint:
    """Return an endpoint of LocalStack itself."""
    port = urlsplit(config.internal_service_url()).port
    assert port
    return Endpoint("http", "127.0.0.1", port, path, name or f"localhost:{port}", is_own=True)


def send(endpoint: Endpoint, request: Request, timeout: float = 30) -> Response:
    """Send a request with unchanged path and query; return the response, its body as a stream.

    Raises OriginError. ``timeout`` is in seconds.
    """
    if endpoint.is_own:
        return _send_in_process(endpoint, request, timeout)
    is_plain = endpoint.scheme == "http"
    connect = http.client.HTTPConnection if is_plain else http.client.HTTPSConnection
    connection = connect(endpoint.host, endpoint.port, timeout=timeout)
    try:
        connection.putrequest(
            request.method, _target(endpoint, request), skip_host=True, skip_accept_encoding=True
        )
        connection.putheader("Host", request.headers.get("Host") or endpoint.name)
        for name, value in request.headers:
            if _is_forwarded(name):
                connection.putheader(name, value.encode("latin-1", "replace"))
        if request.body or request.method in {"POST", "PUT", "PATCH"}:
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body or None)
        response = connection.getresponse()
    except (ssl.SSLError, socket.gaierror, http.client.HTTPException, ConnectionError) as error:
        connection.close()
        raise OriginError(502, f"CloudFront can't connect to the origin: {error}") from error
    except OSError as error:
        connection.close()
        raise OriginError(504, f"CloudFront got no response from the origin: {error}") from error
    headers = _received(response.getheaders())
    return Response(
        response.status, headers, _stream(response), close=_closing(response, connection)
    )


def _send_in_process(endpoint: Endpoint, request: Request, timeout: float) -> Response:
    headers = [("Host", request.headers.get("Host") or endpoint.name)]
    headers += [(name, value) for name, value in request.headers if _is_forwarded(name)]
    headers.append((trust.HEADER, trust.TOKEN))
    try:
        sent = in_process.send(
            request.method, _target(endpoint, request), headers, request.body, timeout
        )
    except TimeoutError as error:
        raise OriginError(
            504, f"CloudFront got no response from the origin in {timeout} s"
        ) from error
    return Response(sent.status, _received(sent.headers), sent.body, close=sent.close)


def _received(headers: list[tuple[str, str]]) -> Headers:
    return Headers([each for each in headers if each[0].lower() not in _NOT_FORWARDED])


def _target(endpoint: Endpoint, request: Request) -> str:
    query = f"?{request.query.text}" if request.query.text else ""
    return quote(f"{endpoint.path}{request.path}{query}", safe=_AS_SENT)


def _is_forwarded(header: str) -> bool:
    return header.lower() not in _NOT_SENT


def _stream(response: http.client.HTTPResponse) -> Iterator[bytes]:
    try:
        while chunk := response.read(_CHUNK):
            yield chunk
        if response.length:
            # http.client takes the end of a connection for the end of the body.
            raise OriginError(502, "The origin closed the connection before the response's end.")
    except TimeoutError as error:
        raise OriginError(504, "The origin stopped sending the response.") from error
    except (http.client.HTTPException, OSError) as error:
        raise OriginError(502, f"The origin closed the connection: {error}") from error


def _closing(
    response: http.client.HTTPResponse, connection: http.client.HTTPConnection
) -> Callable[[], None]:
    def close() -> None:
        response.close()
        connection.close()

    return close
