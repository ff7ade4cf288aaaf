"""Requests and responses as the edge hands them on."""

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
"""Headers that say something about one connection, and are never handed on."""


@dataclass(frozen=True)
class Query:
    """A query string: its parts as the viewer wrote them."""

    text: str

    def only(self, takes: Callable[[str], bool]) -> Self:
        """Return the parts whose names are taken, in the viewer's order."""
        parts = [part for part in self.text.split("&") if part]
        return replace(self, text="&".join(p for p in parts if takes(p.partition("=")[0])))


@dataclass(frozen=True)
class Request:
    """What a viewer asks of a distribution, or a distribution of an origin."""

    method: str
    path: str
    """Percent-encoded as the viewer sent it."""
    query: Query
    headers: Headers
    body: bytes = b""
    address: str = "127.0.0.1"
    """The viewer's IP address."""


@dataclass
class Answer:
    """A response; ``body`` is read at most once where it is a stream."""

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes | Iterator[bytes] = b""
    source: str = "Miss"
    """What X-Cache says of where it came from."""
    close: Callable[[], None] = lambda: None
    """Ends the connection that a stream comes from."""


class OriginError(Exception):
    """An origin that can't be reached (502) or does not answer in time (504)."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
