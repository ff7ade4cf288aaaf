"""Errors of a page: console errors and warnings, failed requests, requests to unexpected hosts."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`Security policy: ${event.effectiveDirective} forbids ${event.blockedURI}`));
"""


class PageErrors:
    """Records the errors of all pages of a browser context."""

    def __init__(self, context: BrowserContext, origins: Iterable[str]) -> None:
        self.log: list[str] = []
        """All console messages."""
        self._found: list[str] = []
        self._allowed: list[str] = []
        self._origins = set(origins)
        context.add_init_script(VIOLATIONS)
        context.on("console", self._on_console)
        context.on("weberror", self._on_exception)
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        context.on("requestfailed", self._on_failure)

    def allow(self, pattern: str) -> None:
        """Ignore errors that match, because the test provokes them."""
        self._allowed.append(pattern)

    def found(self) -> list[str]:
        """Return the errors that are not allowed."""
        return [
            each
            for each in self._found
            if not any(re.search(pattern, each) for pattern in self._allowed)
        ]

    def _on_console(self, message: ConsoleMessage) -> None:
        place = message.location
        text = f"{message.type}: {message.text} ({place['url']}:{place['lineNumber']})"
        self.log.append(text)
        if message.type in {"error", "warning", "assert"}:
            self._found.append(f"console {text}")

    def _on_exception(self, error: WebError) -> None:
        text = f"uncaught: {error.error.stack or error.error.message}"
        self.log.append(text)
        self._found.append(text)

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme not in {"data", "blob"} and origin not in self._origins:
            self._found.append(f"unexpected host: {request.method} {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self._found.append(
                f"status {response.status}: {response.request.method} {response.url}"
            )

    def _on_failure(self, request: Request) -> None:
        # The page aborts requests itself, and navigation aborts the rest.
        if request.failure == "net::ERR_ABORTED":
            return
        self._found.append(f"failed: {request.method} {request.url}: {request.failure}")
