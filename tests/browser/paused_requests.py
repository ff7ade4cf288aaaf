"""API requests of the page that wait until a test releases them."""

from collections import Counter
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Request, Route

from .demo import Demo


class PausedRequests:
    """Pauses all API requests from now on, and counts those in flight."""

    def __init__(self, demo: Demo) -> None:
        self.most: Counter[str] = Counter()
        """The most requests in flight at the same time, by kind."""
        self._demo = demo
        self._routes: list[Route] = []
        self._is_released = False
        self._in_flight: list[Request] = []
        demo.page.on("request", self._started)
        demo.page.on("requestfinished", self._ended)
        demo.page.on("requestfailed", self._ended)
        demo.page.route(demo.api, self._pause)

    def wait_for(self, path: str) -> None:
        """Wait until a request to a path of the API is paused."""
        while not any(self._demo.api_path(path).match(each.request.url) for each in self._routes):
            self._demo.page.wait_for_timeout(20)

    def release(self) -> None:
        """Continue all paused and all later requests."""
        self._is_released = True
        for route in self._routes:
            route.continue_()

    def in_flight(self, kind: str) -> int:
        """Return how many requests of a kind are in flight."""
        return sum(self._kind(each) == kind for each in self._in_flight)

    def _pause(self, route: Route) -> None:
        if self._is_released:
            route.continue_()
        else:
            self._routes.append(route)

    def _started(self, request: Request) -> None:
        if kind := self._kind(request):
            self._in_flight.append(request)
            self.most[kind] = max(self.most[kind], self.in_flight(kind))

    def _ended(self, request: Request) -> None:
        if request in self._in_flight:
            self._in_flight.remove(request)

    def _kind(self, request: Request) -> str | None:
        """Return the method, the path and, for lists, the limit."""
        if not self._demo.api.match(request.url):
            return None
        parts = urlsplit(request.url)
        limit = parse_qs(parts.query).get("limit", [""])[0]
        return f"{request.method} {parts.path.rpartition('/api/')[2]} {limit}".strip()


class HeldReads:
    """The page's GET requests to the API, which can be held: the page then shows what it has.

    It is created before the page is opened, so that it knows of the requests in flight.
    """

    def __init__(self, demo: Demo) -> None:
        self._page = demo.page
        self._is_holding = False
        self._held: list[Route] = []
        self._in_flight: set[Request] = set()
        self._page.on("requestfinished", self._ended)
        self._page.on("requestfailed", self._ended)
        self._page.route(demo.api, self._route)

    def hold(self) -> None:
        """Hold later requests, and return when no earlier one is in flight."""
        self._is_holding = True
        while self._in_flight:
            self._page.wait_for_timeout(20)

    def release(self) -> None:
        """Continue the held and all later requests."""
        self._is_holding = False
        for route in self._held:
            route.continue_()

    def _ended(self, request: Request) -> None:
        self._in_flight.discard(request)

    def _route(self, route: Route) -> None:
        if route.request.method == "GET":
            if self._is_holding:
                self._held.append(route)
                return
            self._in_flight.add(route.request)
        route.continue_()
