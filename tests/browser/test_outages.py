"""The page without a working API or without credentials, and the pipeline panel."""

import json

from playwright.sync_api import Route, expect

from . import artifacts
from .conftest import Upload
from .demo import Demo
from .files import photo, small_image


def test_unreachable_api(demo: Demo, upload: Upload) -> None:
    """A banner appears and files wait. Both end automatically when the API responds again."""
    (key,) = upload(photo("mountains.jpg"))
    demo.allow_error("api/|ERR_FAILED|502")
    demo.open()
    expect(demo.item(key)).to_be_visible()
    demo.page.route(demo.api, lambda route: route.abort("connectionrefused"))
    demo.allow_error("ERR_CONNECTION_REFUSED")
    demo.choose(small_image("patient.jpg"))
    expect(demo.banner).to_be_visible()
    expect(demo.banner).to_contain_text("cannot be reached")
    expect(demo.item(key)).to_be_visible()
    artifacts.screenshot(demo, "api-unreachable")
    demo.page.unroute(demo.api)
    expect(demo.banner).to_be_hidden()
    demo.expect_done("patient.jpg")


def test_html_error_of_the_gateway(demo: Demo) -> None:
    """A gateway's HTML in place of JSON is an outage, and causes no error in the page."""
    demo.allow_error("502")
    demo.page.route(
        demo.api, lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>")
    )
    demo.page.goto(f"{demo.site.page}/")
    expect(demo.banner).to_be_visible()


def test_foreign_404(demo: Demo, upload: Upload) -> None:
    """A 404 without the API's problem document is an outage, as after a restart of the emulator: no
    image counts as deleted, and chosen files wait and are done when the API is back.
    """
    (key,) = upload(photo("mountains.jpg"))
    demo.allow_error("404|NoSuch|502")
    demo.open()
    names = [f"later-{number}.jpg" for number in range(3)]
    foreign = '{"message": "The API does not exist", "__type": "NotFoundException"}'
    demo.page.route(
        demo.api,
        lambda route: route.fulfill(status=404, content_type="application/json", body=foreign),
    )
    demo.choose(*map(small_image, names))
    expect(demo.banner).to_be_visible()
    expect(demo.banner).to_contain_text("status 404")
    expect(demo.page.locator("#api-status")).to_have_text("API unreachable")
    demo.item(key).get_by_role("link").click()
    expect(demo.page.get_by_role("dialog")).to_be_visible()
    demo.page.keyboard.press("Escape")
    expect(demo.item(key)).to_be_visible()
    for name in names:
        expect(demo.upload(name)).to_have_attribute("data-status", "waiting")
    artifacts.screenshot(demo, "api-404")
    demo.page.unroute(demo.api)
    for name in names:
        demo.expect_done(name)
    expect(demo.banner).to_be_hidden()
    assert len({demo.key_of(name) for name in names}) == len(names)


def test_unreachable_storage_and_api(demo: Demo) -> None:
    """A file whose transfer breaks waits as well, and is sent again with a new ticket."""
    demo.allow_error("ERR_CONNECTION|ERR_FAILED|api/|-raw")
    demo.open()

    def refuse(route: Route) -> None:
        demo.page.route(demo.api, lambda each: each.abort("connectionrefused"))
        route.abort("connectionrefused")

    demo.page.route(demo.storage, refuse)
    demo.choose(small_image("broken.jpg"))
    expect(demo.banner).to_be_visible()
    expect(demo.upload("broken.jpg")).to_have_attribute("data-status", "waiting")
    demo.page.unroute(demo.storage)
    demo.page.unroute(demo.api)
    demo.expect_done("broken.jpg")


def test_api_key(demo: Demo) -> None:
    """The page asks for an API key, sends it from then on, and keeps it over a reload."""
    demo.allow_error("401")

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
    expect(field).to_be_visible()
    artifacts.screenshot(demo, "api-key")
    field.fill("open sesame")
    demo.banner.get_by_role("button", name="Use key").click()
    expect(demo.banner).to_be_hidden()
    demo.wait_for_gallery()
    demo.page.reload()
    demo.wait_for_gallery()
    expect(demo.banner).to_be_hidden()


def test_pipeline_panel(demo: Demo) -> None:
    """The panel shows the API's statistics, and the sparkline has a text for screen readers."""
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
    for name, text in (
        ("waiting", "17"),
        ("in-flight", "5"),
        ("done", "50"),
        ("failed", "4"),
        ("dead", "3"),
        ("median", "131 ms"),
        ("p95", "420 ms"),
    ):
        expect(demo.page.locator(f"#stat-{name}")).to_have_text(text)
    sparkline = demo.page.get_by_role("img", name="24 images in the last 5 min, at most 12 in")
    expect(sparkline.first).to_be_visible()
