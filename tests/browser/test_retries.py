"""Retries of the page while the API refuses one kind of request and responds to the others."""

from typing import Any

import pytest
from playwright.sync_api import Route, expect

from .clock import PageClock
from .demo import Demo
from .files import small_image

STATS = {
    "queue": {"waiting": 0, "in_flight": 0, "dead": 0},
    "newest": dict.fromkeys(
        ("images", "processing", "done", "failed", "review", "rejected"), 0
    ) | {"is_all": True},
    "latency": None,
    "throughput": {"seconds": 10, "counts": [0] * 30},
}  # fmt: skip

RESPONSES: dict[str, Any] = {
    "stats": STATS,
    "recipes": {"recipes": {"default": {"renditions": [{"name": "a"}]}}},
    "images": {"images": [], "next": None},
    "images?since": {"changes": [], "next": "0-0", "more": False},
}


class StubbedApi:
    """Responds to the page at once, with errors to one path, whose requests it counts."""

    def __init__(self, demo: Demo, path: str, status: int) -> None:
        self.count = 0
        self._path, self._status = path, status
        demo.allow_error(f"{status}|ERR_FAILED")
        self._clock = PageClock(demo.page)
        demo.page.route(demo.api, self._respond)

    def pass_seconds(self, seconds: int) -> None:
        """Let time pass for the page, which gets each response before the next second."""
        for _ in range(seconds):
            self._clock.pass_time(1000)

    def _respond(self, route: Route) -> None:
        path = route.request.url.rpartition("/api/")[2]
        if path.startswith(self._path):
            self.count += 1
            body: Any = {"code": "no", "detail": "Not now.", "status": self._status}
            route.fulfill(status=self._status, json=body)
        else:
            kind = "images?since" if "since=" in path else path.partition("?")[0]
            route.fulfill(json=RESPONSES[kind])


@pytest.mark.parametrize("status", [401, 429, 500])
def test_refused_tickets(demo: Demo, status: int) -> None:
    """The page requests a ticket a few times with growing pauses, then shows the reason and a
    button to retry.
    """
    api = StubbedApi(demo, "uploads", status)
    demo.page.goto(f"{demo.site.page}/")
    demo.choose(small_image("refused.jpg"))
    api.pass_seconds(20)
    assert api.count <= 7
    api.pass_seconds(100)
    upload = demo.upload("refused.jpg")
    expect(upload).to_have_attribute("data-status", "refused")
    expect(upload).to_contain_text("Not now.")
    count = api.count
    assert count <= 10
    api.pass_seconds(30)
    assert api.count == count
    with demo.page.expect_request(demo.api_path("uploads")):
        upload.get_by_role("button", name="Retry").click()


@pytest.mark.parametrize(
    ("path", "limit"), [("recipes", 10), ("images?limit=48", 10), ("stats", 16)]
)
@pytest.mark.parametrize("status", [400, 500])
def test_other_requests(demo: Demo, path: str, limit: int, status: int) -> None:
    """A request that alone fails is repeated with growing pauses, and only polling goes on."""
    api = StubbedApi(demo, path, status)
    demo.page.goto(f"{demo.site.page}/")
    api.pass_seconds(20)
    assert api.count <= 7
    api.pass_seconds(100)
    assert api.count <= limit
    if path == "stats":
        return
    count = api.count
    api.pass_seconds(30)
    assert api.count == count
    if path.startswith("images"):
        with demo.page.expect_request(demo.api_path("images")):
            demo.page.get_by_role("button", name="Load again").click()


def test_transfers_pause(demo: Demo) -> None:
    """A transfer that S3 was too busy for is repeated after a pause of about a second, then two."""
    demo.allow_error("503")
    clock = PageClock(demo.page)
    demo.open()
    elapsed = 0
    times: list[int] = []

    def refuse(route: Route) -> None:
        times.append(elapsed)
        route.fulfill(
            status=503,
            headers={"access-control-allow-origin": "*", "content-type": "application/xml"},
            body="<Error><Code>SlowDown</Code></Error>",
        )

    demo.page.route(demo.storage, refuse)
    demo.choose(small_image("busy.jpg"))
    while demo.upload("busy.jpg").get_attribute("data-status") != "refused":
        clock.pass_time(100)
        elapsed += 100
    first, second, third = times
    assert second - first >= 900
    assert third - second >= 1800
