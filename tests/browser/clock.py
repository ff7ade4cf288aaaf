"""Time as the page sees it."""

import time

from playwright.sync_api import Page, Request


class PageClock:
    """Sets the page's time: it stands still between calls, which wait for responses."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._in_flight: set[Request] = set()
        page.on("request", self._started)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)
        now = time.time()
        page.clock.install(time=now)
        page.clock.pause_at(now + 1)

    def pass_time(self, milliseconds: int) -> None:
        """Let time pass, then wait for the responses to what the page requested meanwhile."""
        self._page.clock.run_for(milliseconds)
        while self._in_flight:
            self._page.wait_for_timeout(5)

    def resume(self) -> None:
        """Let time pass by itself."""
        self._page.clock.resume()

    def _started(self, request: Request) -> None:
        self._in_flight.add(request)

    def _ended(self, request: Request) -> None:
        self._in_flight.discard(request)
