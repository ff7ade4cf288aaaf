"""The page with a slow API: its status, one request of each kind, and longer pauses."""

from playwright.sync_api import expect

from . import artifacts
from .clock import PageClock
from .conftest import Upload
from .demo import Demo
from .files import photo, small_image
from .paused_requests import PausedRequests

LIST_REQUEST = "GET images 48"
SLOW = 5000
"""Milliseconds after which the page shows that the API is slow."""


def test_slow_is_not_unreachable(demo: Demo, upload: Upload) -> None:
    """The status shows that the API is slow. No banner appears, and chosen files wait."""
    (key,) = upload(photo("mountains.jpg"))
    demo.page.clock.install()
    demo.open()
    expect(demo.item(key)).to_be_visible()
    requests = PausedRequests(demo)
    requests.wait_for("stats")
    demo.choose(small_image("slowly.jpg"))
    requests.wait_for("uploads")
    demo.page.clock.fast_forward(SLOW)
    status = demo.page.locator("#api-status")
    expect(status).to_have_attribute("data-state", "slow")
    expect(status).to_have_text("API slow")
    demo.expect_announced("The API is slow.")
    expect(demo.banner).to_be_hidden()
    expect(demo.upload("slowly.jpg")).to_have_attribute("data-status", "waiting")
    expect(demo.item(key)).to_be_visible()
    artifacts.screenshot(demo, "api-slow")
    with demo.page.expect_response(demo.api_path("stats")):
        requests.release()
    demo.expect_done("slowly.jpg")
    demo.page.clock.fast_forward(60_000)
    expect(status).to_have_attribute("data-state", "idle")
    expect(demo.banner).to_be_hidden()


def test_one_request_of_each_kind(demo: Demo, upload: Upload) -> None:
    """At most one request of each kind is in flight, whatever a visitor does. A new filter aborts
    the request of the old one.
    """
    (key,) = upload(photo("mountains.jpg"))
    demo.page.clock.install()
    demo.open()
    requests = PausedRequests(demo)
    requests.wait_for("stats")
    demo.choose(*(small_image(f"one-{number}.jpg") for number in range(3)))
    for status in ("Done", "Failed", "All"):
        demo.filter_by_status(status)
    demo.page.evaluate("key => location.assign(`#/image/${encodeURIComponent(key)}`)", key)
    requests.wait_for(f"images/{key.replace('/', '%2F')}")
    for _ in range(5):
        demo.page.clock.fast_forward(SLOW)
    demo.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert requests.in_flight(LIST_REQUEST) == 1
    requests.release()
    for number in range(3):
        demo.expect_done(f"one-{number}.jpg")
    # The browser reports the end of an aborted request after the start of the new one.
    requests.most[LIST_REQUEST] = 1
    assert set(requests.most.values()) == {1}, requests.most
    assert requests.most["GET stats"] == requests.most["POST uploads"] == 1


def test_pause_after_a_slow_response(demo: Demo) -> None:
    """After a response that took five seconds, the page does not poll for eight seconds."""
    PageClock(demo.page)  # the request takes exactly five seconds of the page's time
    demo.open()
    requests = PausedRequests(demo)
    demo.page.clock.run_for(1)
    requests.wait_for("stats")
    demo.page.clock.run_for(5000)
    expect(demo.page.locator("#api-status")).to_have_attribute("data-state", "slow")
    requests.release()
    expect(demo.page.locator("#stats-scope")).to_contain_text("images")
    requested: list[str] = []
    demo.page.on("request", lambda request: requested.append(request.url))
    demo.page.clock.run_for(8000)
    assert not [url for url in requested if demo.api_path("stats").match(url)]
    with demo.page.expect_request(demo.api_path("stats")):
        demo.page.clock.run_for(4000)


def test_pauses_after_failures(demo: Demo) -> None:
    """Pauses double from one to 15 seconds, and vary by a tenth."""
    demo.open()
    pauses = demo.page.evaluate(
        """async () => {
          const { retryPause } = await import(new URL("js/lib/polling.js", document.baseURI));
          return [1, 2, 3, 4, 5, 50].map(retryPause);
        }"""
    )
    for pause, usual in zip(pauses, (1000, 2000, 4000, 8000, 15_000, 15_000), strict=True):
        assert 0.9 * usual <= pause <= 1.1 * usual
