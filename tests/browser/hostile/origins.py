"""Foreign origins: where hostile pages come from, and the server that serves them."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

from playwright.sync_api import BrowserContext

from tests.speed import slowness

PUBLIC = "treat-as-public-address"

type Kind = Literal["served", "local", "file", "fulfilled", "rebound"]


@dataclass(frozen=True, slots=True)
class Origin:
    """A place that pages come from.

    Of its kinds, ``local`` is another port of localhost, ``fulfilled`` is a host whose certificate
    nobody here has, and ``rebound`` is a name that means the attacker's server first and 127.0.0.1
    afterwards, with the emulator's port.
    """

    name: str
    host: str = ""
    kind: Kind = "served"
    policy: str = ""
    """The page's Content-Security-Policy."""
    is_sandboxed: bool = False
    """Whether the script runs in a sandboxed frame, whose origin is ``null``."""

    def base(self, port: int) -> str:
        """Return the emulator's address as its pages use it; ``port`` is the emulator's."""
        host = self.host if self.kind == "rebound" else "localhost"
        return f"http://{host}:{port}"


FOREIGN = Origin("attacker.test", "attacker.test")
PUBLIC_ADDRESS = Origin("public address", "public.attacker.test", policy=PUBLIC)
OTHER_PORT = Origin("localhost, another port", kind="local")
FILE = Origin("file://", kind="file")
SANDBOXED = Origin("null (sandboxed frame)", "frame.attacker.test", is_sandboxed=True)
LOCALSTACK_APP = Origin("https://app.localstack.cloud", "app.localstack.cloud", "fulfilled")
LOOKALIKE = Origin("localhost.attacker.test", "localhost.attacker.test")
APP_LOOKALIKE = Origin("app.localstack.cloud.attacker.test", "app.localstack.cloud.attacker.test")
CLOUDFRONT_LOOKALIKE = Origin(
    "evil.cloudfront.localhost.attacker.test", "evil.cloudfront.localhost.attacker.test"
)
REBOUND = Origin("rebind.attacker.test (DNS rebinding)", "rebind.attacker.test", "rebound")

EVERYWHERE = (
    FOREIGN, PUBLIC_ADDRESS, OTHER_PORT, FILE, SANDBOXED, LOCALSTACK_APP, LOOKALIKE, REBOUND,
)  # fmt: skip

SOME = (FOREIGN, LOCALSTACK_APP, REBOUND)
"""One that nobody trusts, one that LocalStack trusts, and one that looks like the same."""

LIBRARY = Path(__file__).with_name("page.js")

FRAMED = """<!doctype html><meta charset=utf-8>
<iframe sandbox="allow-scripts allow-forms allow-popups" srcdoc="{}"></iframe>"""


class Pages:
    """Serves pages at all foreign origins, on one loopback port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._documents: dict[str, tuple[str, str]] = {}
        handler = functools.partial(_Handler, self._documents)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.port = self._server.server_port

    @property
    def rules(self) -> str:
        """Chromium's argument that maps the foreign names to the server."""
        return (
            f"--host-resolver-rules=MAP {REBOUND.host} 127.0.0.1,"
            f"MAP *.attacker.test 127.0.0.1:{self.port},MAP attacker.test 127.0.0.1:{self.port}"
        )

    @property
    def local_origin(self) -> str:
        """The server's origin as another port of localhost."""
        return f"http://localhost:{self.port}"

    def publish(self, context: BrowserContext, origin: Origin, script: str, target: int) -> str:
        """Make a page with this script openable at an origin; return its URL.

        ``target`` is the emulator's port.
        """
        path = f"/{len(self._documents)}.html"
        document = page(script)
        if origin.is_sandboxed:
            document = FRAMED.format(document.replace("&", "&amp;").replace('"', "&quot;"))
        self._documents[path] = (document, origin.policy)
        match origin.kind:
            case "served":
                return f"http://{origin.host}{path}"
            case "local":
                return f"{self.local_origin}{path}"
            case "file":
                file = self._folder / path[1:]
                file.write_text(document)
                return file.as_uri()
            case "fulfilled":
                url = f"https://{origin.host}{path}"
            case "rebound":
                url = f"http://{origin.host}:{target}{path}"
        # What the name means at first: the attacker's own server.
        context.route(url, lambda route: route.fulfill(body=document, content_type="text/html"))
        return url

    @contextmanager
    def serving(self) -> Iterator["Pages"]:
        """Serve until the end of the block."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


def page(script: str) -> str:
    """Return a document that runs a script and keeps its end in ``window.done``."""
    # In a script element, that would be the element's end.
    script = script.replace("</", "<\\/")
    return (
        "<!doctype html><meta charset=utf-8><title>page</title><body><script>"
        f"const SLOWNESS = {slowness()};{LIBRARY.read_text()}"
        f"\nwindow.done = attempt(async () => {{{script}}});</script>"
    )


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, documents: dict[str, tuple[str, str]], *arguments: object) -> None:
        self._documents = documents
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        document, policy = self._documents.get(self.path, ("", ""))
        body = document.encode()
        self.send_response(200 if document else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""
