"""The page follows the change feed: it is quiet while nothing changes, and quick afterwards."""

import json
import time
from datetime import UTC, datetime

from playwright.sync_api import Route, expect

from darkroom.cloud import Cloud
from tests.integration.site import Site
from tests.speed import limit

from .conftest import Upload
from .demo import Demo
from .files import photo

WAIT = 20
"""Seconds that a request for changes waits."""


def test_an_idle_page_sends_few_requests(demo: Demo, upload: Upload) -> None:
    """At most four a minute, three of which wait for a change."""
    (key,) = upload(photo("flower.jpg"))
    demo.page.clock.install()
    waiting: list[Route] = []
    demo.page.route(
        demo.api_path("images"),
        lambda route: (
            waiting.append(route) if f"wait={WAIT}" in route.request.url else route.continue_()
        ),
    )
    demo.open()
    expect(demo.item(key)).to_be_visible()

    def wait_for_request() -> Route:
        while not waiting:
            demo.page.wait_for_timeout(20)
        return waiting.pop()

    def answer(route: Route) -> None:
        query = route.request.url.partition("since=")[2].partition("&")[0]
        page = {"changes": [], "next": query, "more": False}
        route.fulfill(status=200, content_type="application/json", body=json.dumps(page))

    def pass_minute() -> None:
        for _ in range(60 // WAIT):
            route = wait_for_request()
            demo.page.clock.run_for(1000 * WAIT)
            answer(route)

    pass_minute()  # the page was active when it opened
    sent: list[str] = []
    demo.page.on(
        "request", lambda each: sent.append(each.url) if demo.api.match(each.url) else None
    )
    pass_minute()
    pass_minute()
    assert 3 <= len(sent) <= 2 * 4, sent


def test_a_change_elsewhere_is_shown_at_once(
    demo: Demo, upload: Upload, cloud: Cloud, site: Site
) -> None:
    """Within two seconds of its commit: an upload, a failure that replaces it, and a deletion."""
    (first,) = upload(photo("flower.jpg"))
    with demo.page.expect_request(lambda request: f"wait={WAIT}" in request.url):
        demo.open()
    expect(demo.item(first)).to_be_visible()
    (key,) = upload(photo("mountains.jpg"))
    committed = site.image(key).json()["updated"]
    expect(demo.item(key)).to_have_attribute("data-status", "done")
    since = datetime.now(UTC) - datetime.fromisoformat(committed)
    assert since.total_seconds() < limit(2)
    cloud.s3.delete_object(Bucket=cloud.outputs["RawBucket"], Key=key)
    site.gone(key)
    began = time.monotonic()
    expect(demo.item(key)).to_have_count(0)
    assert time.monotonic() - began < limit(2)
    expect(demo.item(first)).to_be_visible()
