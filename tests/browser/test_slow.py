"""The page when answers take long: it is slow and not down, and asks for nothing twice at once."""

from playwright.sync_api import expect

from . import artifacts
from .demo import DONE_WITHIN, Demo
from .held import Held
from .pictures import small

PAGE = "GET images 48"
SLOW = 5000
"""Milliseconds after which the page calls the API slow."""


def test_slow_is_not_unreachable(demo: Demo, photographs: list[str]) -> None:
    """The pulse shows that the API is slow; no banner comes, and files that were chosen wait."""
    demo.page.clock.install()
    demo.open()
    expect(demo.tile(photographs[0])).to_be_visible()
    held = Held(demo)
    held.wait_for("stats")
    demo.choose(small("slowly.jpg"))
    held.wait_for("uploads")
    demo.page.clock.fast_forward(SLOW)
    pulse = demo.page.locator("#pulse")
    expect(pulse).to_have_attribute("data-state", "slow")
    expect(pulse).to_have_text("API slow")
    expect(demo.announcer).to_have_text("The API is slow.")
    expect(demo.banner).to_be_hidden()
    expect(demo.trace("slowly.jpg")).to_have_attribute("data-stage", "waiting")
    expect(demo.tile(photographs[0])).to_be_visible()
    artifacts.take(demo, "api-slow")
    with demo.page.expect_response(demo.api_path("stats")):
        held.release()
    demo.expect_done("slowly.jpg")
    demo.page.clock.fast_forward(60_000)
    expect(pulse).to_have_attribute("data-state", "idle", timeout=DONE_WITHIN)
    expect(demo.banner).to_be_hidden()


def test_one_request_of_a_kind(demo: Demo, photographs: list[str]) -> None:
    """While nothing is answered, nothing is asked for a second time, whatever a person does. A new
    filter ends the request for the old one.
    """
    demo.page.clock.install()
    demo.open()
    held = Held(demo)
    held.wait_for("stats")
    demo.choose(*(small(f"one-{number}.jpg") for number in range(3)))
    for status in ("Done", "Failed", "All"):
        demo.show(status)
    demo.page.evaluate(
        "key => location.assign(`#/image/${encodeURIComponent(key)}`)", photographs[0]
    )
    held.wait_for(f"images/{photographs[0].replace('/', '%2F')}")
    for _ in range(5):
        demo.page.clock.fast_forward(SLOW)
    demo.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert held.now(PAGE) == 1
    held.release()
    for number in range(3):
        demo.expect_done(f"one-{number}.jpg")
    # The browser tells of the old request's end after the new one's beginning.
    held.most[PAGE] = 1
    assert set(held.most.values()) == {1}, held.most
    assert held.most["GET stats"] == held.most["POST uploads"] == 1


def test_the_pause_grows_with_the_time_of_an_answer(demo: Demo) -> None:
    """After an answer that took five seconds, nothing is asked for during the next eight."""
    demo.page.clock.install()
    demo.open()
    held = Held(demo)
    held.wait_for("stats")
    demo.page.clock.pause_at(demo.page.evaluate("Date.now() / 1000 + 5"))
    with demo.page.expect_response(demo.api_path("stats")) as answered:
        held.release()
    answered.value.finished()
    asked: list[str] = []
    demo.page.on("request", lambda request: asked.append(request.url))
    demo.page.wait_for_function("document.querySelector('#pulse').dataset.state === 'slow'")
    demo.page.clock.run_for(8000)
    assert not [url for url in asked if demo.api_path("stats").match(url)]
    with demo.page.expect_request(demo.api_path("stats")):
        demo.page.clock.run_for(4000)


def test_pauses_after_failures(demo: Demo) -> None:
    """They double from a second to a quarter of a minute, and vary by a tenth."""
    demo.open()
    pauses = demo.page.evaluate(
        """async () => {
          const { retryPause } = await import(new URL("js/poll.js", document.baseURI));
          return [1, 2, 3, 4, 5, 50].map(retryPause);
        }"""
    )
    for pause, usual in zip(pauses, (1000, 2000, 4000, 8000, 15_000, 15_000), strict=True):
        assert 0.9 * usual <= pause <= 1.1 * usual
