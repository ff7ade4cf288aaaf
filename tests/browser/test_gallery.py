"""The gallery: thumbnails, order, pages, filters and deletion."""

import json
import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Route, expect

from . import artifacts
from .conftest import Upload
from .demo import Demo, fragment
from .dialog import ImageDialog
from .files import photo, small_image


def test_placeholder_and_sources(demo: Demo, upload: Upload) -> None:
    """An item has a ThumbHash, and a `srcset` of the renditions that the API returns."""
    (key,) = upload(photo("mountains.jpg"))
    demo.open()
    item = demo.item(key)
    expect(item.locator("canvas.item-hash")).to_have_count(1)
    expect(item.locator("img")).to_have_class(re.compile("is-loaded"))
    sources = item.locator("source").evaluate_all("all => all.map(each => each.srcset)")
    image = demo.site.image(key).json()
    known = {each["path"] for each in image["renditions"]}
    for candidate in ", ".join(sources).split(", "):
        address, width = candidate.split(" ")
        path = address.removeprefix(f"{demo.site.page}/")
        assert path in known
        assert width.endswith("w")
    artifacts.screenshot(demo, "gallery", full_page=True)


def test_newest_first(demo: Demo, upload: Upload) -> None:
    """The gallery has the API's order, with the latest upload first."""
    (key,) = upload(small_image("latest.jpg"))
    demo.open()
    shown = demo.items.evaluate_all("all => all.map(each => each.dataset.key)")
    listed = demo.site.api("GET", f"images?limit={min(len(shown), 24)}").json()["images"]
    assert shown[: len(listed)] == [each["key"] for each in listed]
    assert shown[0] == key


def test_infinite_scrolling(demo: Demo, upload: Upload) -> None:
    """Scrolling loads further pages. Each image appears once, and most load lazily."""
    keys = upload(*(small_image(f"many-{number}.jpg", 48, 32) for number in range(60)))
    demo.open()
    while not all(demo.item(key).count() for key in keys):
        demo.page.mouse.wheel(0, 4000)
        demo.wait_for_gallery()
    shown = demo.items.evaluate_all("all => all.map(each => each.dataset.key)")
    assert len(shown) == len(set(shown)) >= 60
    lazy = demo.page.locator('[data-testid=gallery-item] img[loading="lazy"]')
    assert lazy.count() > 30


def test_filter_by_status(demo: Demo, upload: Upload) -> None:
    """The gallery shows only images with the selected status."""
    (key,) = upload(photo("mountains.jpg"))
    demo.open()
    demo.filter_by_status("Done")
    expect(demo.item(key)).to_be_visible()
    statuses = demo.items.evaluate_all("all => all.map(each => each.dataset.status)")
    assert set(statuses) == {"done"}
    demo.filter_by_status("Processing")
    expect(demo.item(key)).to_have_count(0)


def test_items_are_kept(demo: Demo, upload: Upload) -> None:
    """Items keep their elements while further pages are loaded."""
    (key,) = upload(photo("mountains.jpg"))
    template = demo.site.image(key).json()
    images = []
    for number in range(200):
        time = f"2026-01-01T00:{59 - number // 60:02}:{59 - number % 60:02}.000Z"
        images.append(template | {"key": f"copy-{number}/{number}.jpg", "uploaded": time})

    def respond(route: Route) -> None:
        query = parse_qs(urlsplit(route.request.url).query)
        limit, start = int(query["limit"][0]), int(query.get("cursor", ["0"])[0])
        page = images[start : start + limit]
        end = str(start + limit) if start + limit < len(images) else None
        body = json.dumps({"images": page, "next": end})
        route.fulfill(status=200, content_type="application/json", body=body)

    demo.page.route(demo.api_path("images"), respond)
    demo.silence_feed()
    demo.open()
    demo.items.first.evaluate("item => { item.isTheSame = true; }")
    while demo.items.count() < 200:
        demo.page.mouse.wheel(0, 2500)
        demo.wait_for_gallery()
    demo.page.mouse.wheel(0, -40_000)
    expect(demo.items.first).to_be_in_viewport()
    assert demo.items.first.evaluate("item => item.isTheSame")


def test_delete(demo: Demo, upload: Upload) -> None:
    """After a confirmation, an image is removed from the page at once, and from the API."""
    (key,) = upload(small_image("unwanted.jpg"))
    demo.open(fragment(key))
    dialog = ImageDialog(demo)
    dialog.expect_open(key)
    dialog.button("Delete").click()
    dialog.button("Cancel").click()
    expect(dialog.button("Delete permanently")).to_be_hidden()
    dialog.button("Delete").click()
    dialog.button("Delete permanently").click()
    expect(dialog.element).to_be_hidden()
    expect(demo.item(key)).to_have_count(0)
    demo.site.gone(key)
    demo.page.reload()
    demo.wait_for_gallery()
    expect(demo.item(key)).to_have_count(0)
