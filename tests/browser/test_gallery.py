"""The gallery: what is there, newest first."""

import json
import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Route, expect

from . import artifacts
from .conftest import Upload
from .demo import Demo, fragment
from .detail import Detail
from .pictures import small


def test_pictures_come_with_placeholders_and_sources(demo: Demo, photographs: list[str]) -> None:
    """A tile knows its shape, shows its ThumbHash, and lets the browser choose among renditions."""
    demo.open()
    tile = demo.tile(photographs[0])
    expect(tile.locator("canvas.tile-hash")).to_have_count(1)
    expect(tile.locator("img")).to_have_class(re.compile("is-loaded"))
    sources = tile.locator("source").evaluate_all("all => all.map(each => each.srcset)")
    said = demo.site.image(photographs[0]).json()
    known = {each["path"] for each in said["renditions"]}
    for candidate in ", ".join(sources).split(", "):
        address, width = candidate.split(" ")
        path = address.removeprefix(f"{demo.site.page}/")
        assert path in known
        assert width.endswith("w")
    artifacts.take(demo, "gallery", whole=True)


def test_newest_first(demo: Demo, upload: Upload) -> None:
    """The order is that of the API, and the latest upload is the first."""
    (key,) = upload(small("latest.jpg"))
    demo.open()
    shown = demo.tiles.evaluate_all("all => all.map(each => each.dataset.key)")
    listed = demo.site.api("GET", f"images?limit={min(len(shown), 24)}").json()["images"]
    assert shown[: len(listed)] == [each["key"] for each in listed]
    assert shown[0] == key


def test_pages_of_pictures(demo: Demo, upload: Upload) -> None:
    """More than a page of pictures come as one goes down, each once."""
    keys = upload(*(small(f"many-{number}.jpg", 48, 32) for number in range(60)))
    demo.open()
    while not all(demo.tile(key).count() for key in keys):
        demo.page.mouse.wheel(0, 4000)
        demo.wait_for_gallery()
    shown = demo.tiles.evaluate_all("all => all.map(each => each.dataset.key)")
    assert len(shown) == len(set(shown)) >= 60
    lazy = demo.page.locator('[data-testid=tile] img[loading="lazy"]')
    assert lazy.count() > 30


def test_a_status_is_chosen(demo: Demo, photographs: list[str]) -> None:
    """Only pictures with the status are shown; an empty list says so."""
    demo.open()
    demo.show("Done")
    expect(demo.tile(photographs[0])).to_be_visible()
    statuses = demo.tiles.evaluate_all("all => all.map(each => each.dataset.status)")
    assert set(statuses) == {"done"}
    demo.show("Processing")
    expect(demo.tile(photographs[0])).to_have_count(0)


def test_two_hundred_pictures(demo: Demo, photographs: list[str]) -> None:
    """Tiles stay what they are while others come."""
    template = demo.site.image(photographs[0]).json()
    pictures = []
    for number in range(200):
        time = f"2026-01-01T00:{59 - number // 60:02}:{59 - number % 60:02}.000Z"
        pictures.append(template | {"key": f"copy-{number}/{number}.jpg", "uploaded": time})

    def answer(route: Route) -> None:
        asked = parse_qs(urlsplit(route.request.url).query)
        limit, start = int(asked["limit"][0]), int(asked.get("cursor", ["0"])[0])
        page = pictures[start : start + limit]
        end = str(start + limit) if start + limit < len(pictures) else None
        body = json.dumps({"images": page, "next": end})
        route.fulfill(status=200, content_type="application/json", body=body)

    demo.page.route(demo.api_path("images"), answer)
    demo.open()
    demo.tiles.first.evaluate("tile => { tile.isTheSame = true; }")
    while demo.tiles.count() < 200:
        demo.page.mouse.wheel(0, 2500)
        demo.wait_for_gallery()
    demo.page.mouse.wheel(0, -40_000)
    expect(demo.tiles.first).to_be_in_viewport()
    assert demo.tiles.first.evaluate("tile => tile.isTheSame")


def test_a_picture_is_deleted(demo: Demo, upload: Upload) -> None:
    """Asked once more, it goes: from the page at once, and from the API."""
    (key,) = upload(small("unwanted.jpg"))
    demo.open(fragment(key))
    detail = Detail(demo)
    detail.expect_open(key)
    detail.button("Delete").click()
    detail.button("Keep it").click()
    expect(detail.button("Delete it")).to_be_hidden()
    detail.button("Delete").click()
    detail.button("Delete it").click()
    expect(detail.dialog).to_be_hidden()
    expect(demo.tile(key)).to_have_count(0)
    demo.site.gone(key)
    demo.page.reload()
    demo.wait_for_gallery()
    expect(demo.tile(key)).to_have_count(0)
