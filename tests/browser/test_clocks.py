"""Visitors whose clock is wrong, and the life of upload tickets."""

from urllib.parse import quote

import pytest
from playwright.sync_api import Request, Route, expect

from .clock import PageClock
from .demo import Demo, fragment
from .dialog import ImageDialog
from .files import small_image

MINUTE = 60_000
YEAR = 365 * 24 * 60 * MINUTE

SHIFTED_CLOCK = """
const real = Date;
globalThis.Date = class extends real {
  constructor(...parts) {
    if (parts.length) super(...parts);
    else super(real.now() + SHIFT);
  }
  static now() { return real.now() + SHIFT; }
};
"""

SHORT_LIFE = """
const json = Response.prototype.json;
Response.prototype.json = async function () {
  const body = await json.call(this);
  for (const each of body.uploads ?? []) each.expires_in = SECONDS;
  return body;
};
"""

LATER = """
const now = performance.now.bind(performance);
performance.now = () => now() + 11 * 60_000;
"""


def ticket_requests(demo: Demo) -> list[Request]:
    """Return a list that grows with each request for upload tickets."""
    found: list[Request] = []

    def add(request: Request) -> None:
        if request.method == "POST" and demo.api_path("uploads").match(request.url):
            found.append(request)

    demo.page.on("request", add)
    return found


@pytest.mark.parametrize("shift", [10 * MINUTE, YEAR, -10 * MINUTE, -YEAR])
def test_wrong_clocks(demo: Demo, shift: int) -> None:
    """A clock that is minutes or a year ahead or behind changes nothing: the page requests each
    ticket and each URL of an original once, and ages are those of the server's clock.
    """
    demo.page.add_init_script(SHIFTED_CLOCK.replace("SHIFT", f"({shift})"))
    demo.open()
    requests = ticket_requests(demo)
    originals: list[str] = []
    demo.page.on(
        "request", lambda each: originals.append(each.url) if "/original" in each.url else None
    )
    files = [small_image(f"clock-{shift}-{number}.jpg") for number in range(6)]
    demo.choose(*files)
    for each in files:
        demo.expect_done(each.name)
    assert len(requests) == 1
    keys = [demo.key_of(each.name) for each in files[:2]]
    dialog = ImageDialog(demo)
    for key in (*keys, *keys):
        with demo.page.expect_response(demo.api_path(f"images/{quote(key, safe='')}")):
            demo.page.evaluate("place => location.assign(place)", fragment(key))
        dialog.expect_open(key)
        expect(dialog.element.locator(".viewer img").first).to_be_visible()
    assert len(originals) == 2
    ago = demo.page.evaluate(
        """async () => {
          const { ago } = await import(new URL("js/lib/format.js", document.baseURI));
          const { images } = await (await fetch("api/images?limit=1")).json();
          return ago(images[0].uploaded);
        }"""
    )
    assert ago in {"just now", "1 minute ago"}


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_fresh_ticket_is_used(demo: Demo, seconds: int) -> None:
    """A ticket that has just arrived is used, even one that the API describes as almost expired."""
    demo.page.add_init_script(SHORT_LIFE.replace("SECONDS", str(seconds)))
    demo.open()
    requests = ticket_requests(demo)
    demo.choose(*(small_image(f"fresh-{seconds}-{number}.jpg") for number in range(6)))
    for number in range(6):
        demo.expect_done(f"fresh-{seconds}-{number}.jpg")
    assert len(requests) == 1


def test_old_tickets_are_replaced(demo: Demo) -> None:
    """A file that waited for a transfer until its ticket has expired gets another one."""
    demo.open()
    requests = ticket_requests(demo)
    held: list[Route] = []

    is_held = True

    def hold(route: Route) -> None:
        if is_held:
            held.append(route)
        else:
            route.continue_()

    demo.page.route(demo.storage, hold)
    demo.choose(*(small_image(f"old-{number}.jpg") for number in range(5)))
    expect(demo.page.locator('[data-testid="upload"][data-status="uploading"]')).to_have_count(4)
    while len(held) < 4:
        demo.page.wait_for_timeout(20)
    # The transfers go on while the tickets expire: no timer fires.
    demo.page.evaluate(f"() => {{ {LATER} }}")
    is_held = False
    for route in held:
        route.continue_()
    for number in range(5):
        demo.expect_done(f"old-{number}.jpg")
    assert len(requests) == 2


def test_a_form_that_s3_calls_expired(demo: Demo) -> None:
    """After a sleep, whose time the page's clock may lack, the page gets new forms by itself, three
    in all.
    """
    demo.allow_error("403")
    clock = PageClock(demo.page)
    demo.open()
    requests = ticket_requests(demo)

    def refuse(route: Route) -> None:
        message = "Invalid according to Policy: Policy expired."
        route.fulfill(
            status=403,
            headers={"access-control-allow-origin": "*", "content-type": "application/xml"},
            body=f"<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>",
        )

    demo.page.route(demo.storage, refuse)
    demo.choose(small_image("slept.jpg"))
    upload = demo.upload("slept.jpg")
    while upload.get_attribute("data-status") != "refused":
        clock.pass_time(500)
    expect(upload.locator(".upload-reason")).to_contain_text("expired")
    assert len(requests) == 3
    demo.page.unroute(demo.storage)
    clock.resume()
    upload.get_by_role("button", name="Retry").click()
    demo.expect_done("slept.jpg")
