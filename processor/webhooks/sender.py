"""Requests to a URL of the operator that cannot reach what is private (SSRF).

The name is resolved once, each address is checked, and the connection goes to a checked address.
A redirect is a failure. Time is bounded, and no body of a response is read.
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
"""Seconds for a request, from the connection to the response's headers."""

NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that a gateway translates to the IPv4 address in their last four bytes."""


class WebhookError(Exception):
    """A request was not sent, or its response is not a success."""


def post(url: str, body: bytes, headers: Mapping[str, str], *, allows_private: bool = False) -> int:
    """Send a request; return the response's status, 2xx. Raises ``WebhookError``.

    ``allows_private`` also allows HTTP, and addresses of private networks.
    """
    target = urlsplit(url)
    if target.scheme != "https" and not (allows_private and target.scheme == "http"):
        raise WebhookError("The URL has to begin with https://.")
    is_encrypted = target.scheme == "https"
    host = target.hostname or ""
    port = target.port or (443 if is_encrypted else 80)
    try:
        address = _resolved(host, port, allows_private=allows_private)
        kind = _PinnedHttps if is_encrypted else _Pinned
        connection = kind(host, port, timeout=CONNECT_SECONDS)
        connection.address = address
        return _request(connection, target.path or "/", target.query, body, headers)
    except (OSError, HTTPException, UnicodeError) as error:
        raise WebhookError(f"{host} cannot be reached: {error!r}") from error


def check_address(address: str, *, allows_private: bool = False) -> None:
    """Raise ``WebhookError`` for an address that is not public."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            check_address(str(inner), allows_private=allows_private)
            return
    # Link-local addresses have the credentials of instances and containers.
    is_refused = found.is_link_local or found.is_multicast or found.is_unspecified
    if is_refused or not (found.is_global or allows_private):
        raise WebhookError(f"{address} is not a public address. See the parameter WebhookPrivate.")


def _resolved(host: str, port: int, *, allows_private: bool) -> tuple[Any, ...]:
    """Return a checked address of a host: all of them are checked."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, address in found:
        check_address(str(address[0]), allows_private=allows_private)
    return found[0][4]


def _request(
    connection: HTTPConnection, path: str, query: str, body: bytes, headers: Mapping[str, str]
) -> int:
    def cut() -> None:
        if connection.sock:
            connection.sock.shutdown(socket.SHUT_RDWR)

    # Each read has a timeout of its own, which a slow receiver can reach again and again.
    timer = threading.Timer(TOTAL_SECONDS, cut)
    timer.daemon = True
    timer.start()
    try:
        connection.request("POST", f"{path}?{query}" if query else path, body, dict(headers))
        # The response's body is not read.
        status = connection.getresponse().status
    finally:
        timer.cancel()
        connection.close()
    if not 200 <= status < 300:
        raise WebhookError(f"The response has the status {status}.")
    return status


class _Pinned(HTTPConnection):
    """A connection to an address that was resolved before."""

    address: tuple[Any, ...]

    def connect(self) -> None:
        """Connect to the address; the host is for the request's header."""
        self.sock = socket.create_connection(self.address[:2], CONNECT_SECONDS)
        self.sock.settimeout(TOTAL_SECONDS)


class _PinnedHttps(HTTPSConnection, _Pinned):
    """The same with TLS; the certificate has to be that of the host."""

    def connect(self) -> None:
        """Connect to the address, and check the certificate."""
        _Pinned.connect(self)
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
