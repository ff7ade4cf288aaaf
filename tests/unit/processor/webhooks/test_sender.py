"""Requests of webhooks: what they can reach, and how long they take."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from processor.webhooks import sender
from processor.webhooks.sender import WebhookError, check_address, post


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_public_addresses_are_allowed(address: str) -> None:
    """A public address is allowed, also if a gateway translates it."""
    check_address(address)


PRIVATE = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd00::1",
    "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::",
]  # fmt: skip
NEVER = [
    "169.254.169.254", "fe80::1%eth0", "::ffff:169.254.169.254", "224.0.0.1", "0.0.0.0", "::",
    "64:ff9b::a9fe:a9fe",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_allowed_only_if_wanted(address: str) -> None:
    """Addresses of private networks and of the machine need a setting, also inside IPv6 ones."""
    with pytest.raises(WebhookError, match="WebhookPrivate"):
        check_address(address)
    check_address(address, allows_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_others_are_never_allowed(address: str) -> None:
    """Link-local addresses have credentials of instances; others are no host's."""
    with pytest.raises(WebhookError):
        check_address(address, allows_private=True)


class Receiver(BaseHTTPRequestHandler):
    """A receiver that responds with the status in the path."""

    def do_POST(self) -> None:
        """Respond."""
        self.server.requests.append(self.rfile.read(int(self.headers["content-length"])))  # type: ignore[attr-defined]
        self.send_response(int(self.path.strip("/").partition("?")[0]))
        self.send_header("location", "/204")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Print nothing."""


@pytest.fixture
def receiver() -> Iterator[Any]:
    """Yield a receiver on this machine."""
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.requests = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield server
        server.shutdown()


def test_a_request_is_sent(receiver: Any) -> None:
    """The body arrives, and the status is returned."""
    url = f"http://localhost:{receiver.server_port}/204?a=b"
    assert post(url, b"body", {}, allows_private=True) == 204
    assert receiver.requests == [b"body"]


@pytest.mark.parametrize("status", [301, 307, 404, 500])
def test_other_responses_are_failures(receiver: Any, status: int) -> None:
    """A redirect is not followed, and an error is one."""
    url = f"http://127.0.0.1:{receiver.server_port}/{status}"
    with pytest.raises(WebhookError, match=str(status)):
        post(url, b"body", {}, allows_private=True)
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("http://example.org/", "https"),
        ("ftp://example.org/", "https"),
        ("https:///", "public|reached"),
    ],
)
def test_other_urls_are_refused(url: str, text: str) -> None:
    """The URL has to be HTTPS and to have a host."""
    with pytest.raises(WebhookError, match=text):
        post(url, b"", {})


def test_all_addresses_are_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with a private address among others is refused; a name is resolved once."""
    asked: list[str] = []

    def resolve(host: str, port: int, **_named: Any) -> list[Any]:
        asked.append(host)
        return [(0, 0, 0, "", (each, port)) for each in ("93.184.216.34", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(WebhookError, match=r"10\.0\.0\.1"):
        post("https://example.org/", b"", {})
    assert asked == ["example.org"]


def test_a_slow_receiver_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A receiver that sends a byte now and then does not hold the function."""
    monkeypatch.setattr(sender, "TOTAL_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        is_over = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                while not is_over.wait(0.05):
                    try:
                        connection.sendall(b"H")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(WebhookError):
            post(url, b"", {}, allows_private=True)
        is_over.set()
        thread.join()
