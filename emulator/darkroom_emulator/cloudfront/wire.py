"""HTTP as it goes over the wire: nothing is normalized on the way."""

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from localstack import config
from werkzeug.datastructures import Headers

from darkroom_emulator.cloudfront.messages import HOP_BY_HOP, Answer, OriginError, Request
from darkroom_emulator.security import trust

_CHUNK = 64 * 1024
_NOT_HANDED_ON = HOP_BY_HOP | {"x-localstack"}
# Every character that may stand in a request line stays; what may not is encoded.
_AS_SENT = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True)
class Place:
    """Where an origin's requests go."""

    scheme: str
    host: str
    port: int
    path: str
    """What comes before the request's own path."""
    name: str
    """The Host header."""
    is_own: bool = False
    """Whether it is LocalStack itself: it serves CloudFront what it does not serve browsers."""


def gateway(path: str, name: str = "") -> Place:
    """Return a place in LocalStack itself."""
    port = urlsplit(config.internal_service_url()).port
    assert port
    return Place("http", "127.0.0.1", port, path, name or f"localhost:{port}", is_own=True)


def send(place: Place, request: Request, timeout: float = 30) -> Answer:
    """Send a request as it is, its path and query not written anew; return what comes back."""
    is_plain = place.scheme == "http"
    connect = http.client.HTTPConnection if is_plain else http.client.HTTPSConnection
    connection = connect(place.host, place.port, timeout=timeout)
    query = f"?{request.query.text}" if request.query.text else ""
    target = quote(f"{place.path}{request.path}{query}", safe=_AS_SENT)
    try:
        connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", request.headers.get("Host") or place.name)
        for name, value in request.headers:
            if name.lower() not in HOP_BY_HOP | {"host", "content-length", trust.HEADER}:
                connection.putheader(name, value.encode("latin-1", "replace"))
        if place.is_own:
            connection.putheader(trust.HEADER, trust.TOKEN)
        if request.body or request.method in {"POST", "PUT", "PATCH"}:
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body or None)
        answer = connection.getresponse()
    except (ssl.SSLError, socket.gaierror, http.client.HTTPException, ConnectionError) as error:
        connection.close()
        raise OriginError(502, f"CloudFront can't connect to the origin: {error}") from error
    except OSError as error:
        connection.close()
        raise OriginError(504, f"CloudFront got no answer from the origin: {error}") from error
    headers = Headers(
        [(name, value) for name, value in answer.getheaders() if name.lower() not in _NOT_HANDED_ON]
    )
    return Answer(answer.status, headers, _stream(answer), close=_closing(answer, connection))


def _stream(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    try:
        while chunk := answer.read(_CHUNK):
            yield chunk
        if answer.length:
            # http.client takes the end of a connection for the end of the body.
            raise OriginError(502, "The origin closed the connection before its answer's end.")
    except TimeoutError as error:
        raise OriginError(504, "The origin ceased to answer.") from error
    except (http.client.HTTPException, OSError) as error:
        raise OriginError(502, f"The origin closed the connection: {error}") from error


def _closing(
    answer: http.client.HTTPResponse, connection: http.client.HTTPConnection
) -> Callable[[], None]:
    def close() -> None:
        answer.close()
        connection.close()

    return close
