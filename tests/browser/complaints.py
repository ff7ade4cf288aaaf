"""What a page must not do: say errors and warnings, have requests fail, call strange hosts."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`Security policy: ${event.effectiveDirective} forbids ${event.blockedURI}`));
"""


class Complaints:
    """Listens to all pages of a context."""

    def __init__(self, context: BrowserContext, origins: Iterable[str]) -> None:
        self.log: list[str] = []
        """All that was said in the console."""
        self._found: list[str] = []
        self._allowed: list[str] = []
        self._origins = set(origins)
        context.add_init_script(VIOLATIONS)
        context.on("console", self._said)
        context.on("weberror", self._thrown)
        context.on("request", self._asked)
        context.on("response", self._answered)
        context.on("requestfailed", self._failed)

    def allow(self, pattern: str) -> None:
        """Leave out complaints that match, because the test provokes them."""
        self._allowed.append(pattern)

    def found(self) -> list[str]:
        """All complaints that are not allowed."""
        return [
            each
            for each in self._found
            if not any(re.search(pattern, each) for pattern in self._allowed)
        ]

    def _said(self, message: ConsoleMessage) -> None:
        place = message.location
        text = f"{message.type}: {message.text} ({place['url']}:{place['lineNumber']})"
        self.log.append(text)
        if message.type in {"error", "warning", "assert"}:
            self._found.append(f"console {text}")

    def _thrown(self, error: WebError) -> None:
        text = f"not caught: {error.error.stack or error.error.message}"
        self.log.append(text)
        self._found.append(text)

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme not in {"data", "blob"} and origin not in self._origins:
            self._found.append(f"strange host: {request.method} {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._found.append(
                f"status {response.status}: {response.request.method} {response.url}"
            )

    def _failed(self, request: Request) -> None:
        # What the page gives up by itself, or leaves behind when it goes.
        if request.failure == "net::ERR_ABORTED":
            return
        self._found.append(f"failed: {request.method} {request.url}: {request.failure}")
