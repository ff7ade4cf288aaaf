"""The address of distributions where their own names lead nowhere.

ministack serves a distribution to whoever asks for its domain name, which no resolver here knows.
This door gives each a path on loopback instead, ``/<distribution's id>/``, and hands requests on as
they came. It also does one thing that CloudFront would do and ministack refuses: it brings what is
asked of ``/api/`` to the origin that is an API.
"""

import functools
import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import boto3

from tests.speed import LIMIT

API = "/api/"
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})


class _Door(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, endpoint: str) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.endpoint = endpoint

    @functools.cache  # noqa: B019 - there is one
    def names(self, distribution: str) -> tuple[str, str]:
        """A distribution's domain name, and the id of the API that is one of its origins."""
        client = boto3.client("cloudfront", endpoint_url=self.endpoint)
        found = client.get_distribution(Id=distribution)["Distribution"]
        origins = found["DistributionConfig"]["Origins"]["Items"]
        (api,) = (each["DomainName"] for each in origins if ".execute-api." in each["DomainName"])
        return found["DomainName"], api.partition(".")[0]


class _Visit(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Door

    def _hand_on(self) -> None:
        _, distribution, rest = self.path.split("/", 2)
        path = f"/{rest}"
        domain, api = self.server.names(distribution)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        host = domain
        if path.startswith(API):
            # ministack looks for the resource in the decoded path, where a key's slashes part it.
            path = f"/_aws/execute-api/{api}{path.replace('%', '%25')}"
            host = urlsplit(self.server.endpoint).netloc
        headers = {"host": host} | {
            name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP
        }
        # Trust is what SSL_CERT_FILE says.
        onward = http.client.HTTPSConnection(urlsplit(self.server.endpoint).netloc, timeout=LIMIT)
        try:
            onward.request(self.command, path, body or None, headers)
            answer = onward.getresponse()
            self._give_back(answer, answer.read())
        finally:
            onward.close()

    def _give_back(self, answer: http.client.HTTPResponse, body: bytes) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        # The length of what a HEAD would have got is the answer's own.
        length = answer.getheader("content-length") if self.command == "HEAD" else len(body)
        self.send_header("content-length", str(length or 0))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _hand_on  # noqa: N815

    def handle(self) -> None:
        """Answer, unless the client does not want to know any more."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def front_door(endpoint: str) -> Iterator[str]:
    """Open the door to the cloud at ``endpoint``; gives what a distribution's id is to follow."""
    door = _Door(endpoint)
    thread = threading.Thread(target=door.serve_forever, name="front door", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{door.server_port}/"
    finally:
        door.shutdown()
        thread.join()
        door.server_close()
