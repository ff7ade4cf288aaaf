"""HTTP requests and responses that pass the edge."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Self

from werkzeug.datastructures import Headers

HOP_BY_HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
"""Headers of a single connection, which are never forwarded."""


@dataclass(frozen=True)
class Query:
    """A query string, with its parts as the viewer wrote them."""

    text: str

    def only(self, takes: Callable[[str], bool]) -> Self:
        """Return the parts whose names ``takes`` accepts, in the viewer's order."""
        parts = [part for part in self.text.split("&") if part]
        return replace(self, text="&".join(p for p in parts if takes(p.partition("=")[0])))


@dataclass(frozen=True)
class Request:
    """A request of a viewer to a distribution, or of a distribution to an origin."""

    method: str
    path: str
    """Percent-encoded as the viewer sent it."""
    query: Query
    headers: Headers
    body: bytes = b""
    address: str = "127.0.0.1"
    """The viewer's IP address."""
    prefix: str = ""
    """What precedes the path in a viewer's URL: a distribution may be addressed by path."""


@dataclass
class Response:
    """A response; a ``body`` that is a stream can be read once."""

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes | Iterator[bytes] = b""
    source: str = "Miss"
    """The first word of X-Cache, such as ``Hit`` or ``Miss``."""
    close: Callable[[], None] = lambda: None
    """Closes the connection of a stream."""


class OriginError(Exception):
    """An origin can't be reached (502) or does not respond in time (504)."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
