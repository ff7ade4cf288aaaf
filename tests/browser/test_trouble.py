"""The page when the API is not well, or wants to know who asks."""

import json
import re

from playwright.sync_api import Route, expect

from . import artifacts
from .demo import DONE_WITHIN, Demo
from .pictures import small


def test_the_api_is_down(demo: Demo, photographs: list[str]) -> None:
    """A banner says so, files wait, and all goes on by itself when the API is back."""
    demo.leave_out("api/|ERR_FAILED|502")
    demo.open()
    expect(demo.tile(photographs[0])).to_be_visible()
    demo.page.route(demo.api, lambda route: route.abort("connectionrefused"))
    demo.leave_out("ERR_CONNECTION_REFUSED")
    demo.choose(small("patient.jpg"))
    expect(demo.banner).to_be_visible(timeout=DONE_WITHIN)
    expect(demo.banner).to_contain_text(re.compile("answer|reach", re.IGNORECASE))
    expect(demo.tile(photographs[0])).to_be_visible()
    artifacts.take(demo, "api-down")
    demo.page.unroute(demo.api)
    expect(demo.banner).to_be_hidden(timeout=DONE_WITHIN)
    demo.expect_done("patient.jpg")


def test_the_gateway_answers_a_page(demo: Demo) -> None:
    """HTML in place of JSON is trouble like any other, and no error of the page's."""
    demo.leave_out("502")
    demo.page.route(
        demo.api, lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>")
    )
    demo.page.goto(f"{demo.site.page}/")
    expect(demo.banner).to_be_visible(timeout=DONE_WITHIN)


def test_something_else_answers(demo: Demo, photographs: list[str]) -> None:
    """A 404 that is not the API's is an outage, as after a restart of the emulator: no image counts
    as deleted, files that are chosen meanwhile wait, and each is done when the API is back.
    """
    demo.leave_out("404|NoSuch|502")
    demo.open()
    names = [f"later-{number}.jpg" for number in range(3)]
    nobody = '{"message": "The API does not exist", "__type": "NotFoundException"}'
    demo.page.route(
        demo.api,
        lambda route: route.fulfill(status=404, content_type="application/json", body=nobody),
    )
    demo.choose(*map(small, names))
    expect(demo.banner).to_be_visible(timeout=DONE_WITHIN)
    expect(demo.banner).to_contain_text("status 404")
    expect(demo.page.locator("#pulse")).to_have_text("API unreachable")
    demo.tile(photographs[0]).get_by_role("link").click()
    expect(demo.page.get_by_role("dialog")).to_be_visible()
    demo.page.keyboard.press("Escape")
    expect(demo.tile(photographs[0])).to_be_visible()
    for name in names:
        expect(demo.trace(name)).to_have_attribute("data-stage", "waiting")
    artifacts.take(demo, "api-gone")
    demo.page.unroute(demo.api)
    for name in names:
        demo.expect_done(name)
    expect(demo.banner).to_be_hidden()
    assert len({demo.key_of(name) for name in names}) == len(names)


def test_the_storage_goes_down_with_the_api(demo: Demo) -> None:
    """A file whose transfer breaks waits as well, and is sent again with new leave."""
    demo.leave_out("ERR_CONNECTION|ERR_FAILED|api/|-raw")
    demo.open()

    def refuse(route: Route) -> None:
        demo.page.route(demo.api, lambda each: each.abort("connectionrefused"))
        route.abort("connectionrefused")

    demo.page.route(demo.storage, refuse)
    demo.choose(small("broken.jpg"))
    expect(demo.banner).to_be_visible(timeout=DONE_WITHIN)
    expect(demo.trace("broken.jpg")).to_have_attribute("data-stage", "waiting")
    demo.page.unroute(demo.storage)
    demo.page.unroute(demo.api)
    demo.expect_done("broken.jpg")


def test_a_key_is_wanted(demo: Demo) -> None:
    """The page asks for the key, and sends it from then on."""
    demo.leave_out("401")

    def guard(route: Route) -> None:
        if route.request.headers.get("x-api-key") == "open sesame":
            route.continue_()
            return
        problem = {
            "title": "Unauthorized",
            "status": 401,
            "code": "unauthorized",
            "detail": "Send a valid API key in the header x-api-key.",
        }
        route.fulfill(status=401, content_type="application/problem+json", body=json.dumps(problem))

    demo.page.route(demo.api, guard)
    demo.page.goto(f"{demo.site.page}/")
    field = demo.banner.get_by_label("API key")
    expect(field).to_be_visible(timeout=DONE_WITHIN)
    artifacts.take(demo, "api-key")
    field.fill("open sesame")
    demo.banner.get_by_role("button", name="Use key").click()
    expect(demo.banner).to_be_hidden(timeout=DONE_WITHIN)
    demo.wait_for_gallery()
    demo.page.reload()
    demo.wait_for_gallery()
    expect(demo.banner).to_be_hidden()


def test_the_pipelines_numbers(demo: Demo) -> None:
    """The panel shows what the API counts, and the sparkline can be read by those who can't see."""
    stats = {
        "queue": {"waiting": 17, "in_flight": 5, "dead": 3},
        "newest": {
            "images": 60,
            "processing": 6,
            "done": 50,
            "failed": 4,
            "review": 0,
            "rejected": 0,
            "is_all": True,
        },
        "latency": {"median": 131, "p95": 420, "recent": [131, 420]},
        "throughput": {"seconds": 10, "counts": [0] * 27 + [4, 12, 8]},
    }
    demo.page.route(
        demo.api_path("stats"),
        lambda route: route.fulfill(
            status=200, content_type="application/json", body=json.dumps(stats)
        ),
    )
    demo.open()
    for place, text in (
        ("waiting", "17"),
        ("flight", "5"),
        ("done", "50"),
        ("failed", "4"),
        ("dead", "3"),
        ("median", "131 ms"),
        ("p95", "420 ms"),
    ):
        expect(demo.page.locator(f"#stat-{place}")).to_have_text(text)
    spark = demo.page.get_by_role("img", name="24 pictures in the last 5 min, at most 12 in")
    expect(spark.first).to_be_visible()
