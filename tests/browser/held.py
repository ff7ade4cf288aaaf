"""Requests of the page to the API that wait until a test lets them go."""

from collections import Counter
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Request, Route

from .demo import Demo


class Held:
    """Holds all requests from now on, and counts those that are under way."""

    def __init__(self, demo: Demo) -> None:
        self.most: Counter[str] = Counter()
        """By kind, the most requests that were under way at the same time."""
        self._demo = demo
        self._routes: list[Route] = []
        self._is_released = False
        self._under_way: list[Request] = []
        demo.page.on("request", self._begun)
        demo.page.on("requestfinished", self._ended)
        demo.page.on("requestfailed", self._ended)
        demo.page.route(demo.api, self._take)

    def wait_for(self, path: str) -> None:
        """Return when a request to a path of the API is held."""
        while not any(self._demo.api_path(path).match(each.request.url) for each in self._routes):
            self._demo.page.wait_for_timeout(20)

    def release(self) -> None:
        """Let go of what is held, and of all that comes."""
        self._is_released = True
        for route in self._routes:
            route.continue_()

    def _take(self, route: Route) -> None:
        if self._is_released:
            route.continue_()
        else:
            self._routes.append(route)

    def now(self, kind: str) -> int:
        """Return how many requests of a kind are under way."""
        return sum(self._kind(each) == kind for each in self._under_way)

    def _begun(self, request: Request) -> None:
        if kind := self._kind(request):
            self._under_way.append(request)
            self.most[kind] = max(self.most[kind], self.now(kind))

    def _ended(self, request: Request) -> None:
        if request in self._under_way:
            self._under_way.remove(request)

    def _kind(self, request: Request) -> str | None:
        """The method and the path; lists differ by their length."""
        if not self._demo.api.match(request.url):
            return None
        parts = urlsplit(request.url)
        limit = parse_qs(parts.query).get("limit", [""])[0]
        return f"{request.method} {parts.path.rpartition('/api/')[2]} {limit}".strip()
