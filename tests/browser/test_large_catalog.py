"""The gallery with a catalog of 10,000 images, which the test itself returns."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route, expect

from . import artifacts
from .demo import Demo

ENTRIES = 10_000
SHOWN = 1_000
"""Number of images that the test scrolls to."""
FAILED = 97
"""Every image with a multiple of this number has failed."""


def entry(number: int) -> dict[str, Any]:
    """Return an image without renditions. Numbers start at the newest."""
    second = ENTRIES - number
    moment = f"2026-01-01T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.000Z"
    is_failed = number % FAILED == 0
    return {
        "key": f"many/{number:05d}.jpg",
        "status": "failed" if is_failed else "done",
        "version": f"{second:08d}",
        "uploaded": moment,
        "updated": moment,
        "width": 600 + number % 7 * 100,
        "height": 600,
        "bytes": 1000,
        "renditions": [],
        "sources": [],
        "markup": None,
        "placeholder": None,
        "error": {"code": "unsupported-format", "message": "Not an image."} if is_failed else None,
    }


@pytest.fixture
def catalog(demo: Demo) -> list[str]:
    """Respond to lists with pages of the catalog, and return its keys, newest first."""
    entries = [entry(number) for number in range(ENTRIES)]

    def respond(route: Route) -> None:
        query = {
            name: each[0] for name, each in parse_qs(urlsplit(route.request.url).query).items()
        }
        found = [each for each in entries if query.get("status", each["status"]) == each["status"]]
        end = int(query.get("cursor", 0)) + int(query["limit"])
        page = {
            "images": found[int(query.get("cursor", 0)) : end],
            "next": str(end) if end < len(found) else None,
        }
        route.fulfill(status=200, content_type="application/json", body=json.dumps(page))

    demo.page.route(demo.api_path("images"), respond)
    demo.silence_feed()
    return [each["key"] for each in entries]


def test_ten_thousand_images(demo: Demo, catalog: list[str]) -> None:
    """Scrolled images appear once and in order, and the browser lays out at most half of them. A
    status filter shows all images of the status.
    """
    demo.open()
    while demo.items.count() < SHOWN:
        demo.page.evaluate("scrollTo(0, document.body.scrollHeight)")
        demo.wait_for_gallery()
    keys = demo.items.evaluate_all("all => all.map(each => each.dataset.key)")
    assert keys == catalog[: len(keys)]
    drawn = demo.items.evaluate_all(
        "all => all.filter(each => each.checkVisibility({contentVisibilityAuto: true})).length"
    )
    assert 0 < drawn <= SHOWN / 2
    artifacts.screenshot(demo, "many")
    demo.page.evaluate("scrollTo(0, 0)")
    expect(demo.item(catalog[0])).to_be_in_viewport()
    demo.filter_by_status("Failed")
    failed = catalog[::FAILED]
    expect(demo.items.first).to_have_attribute("data-key", failed[0])
    while demo.items.count() < len(failed):
        demo.page.evaluate("scrollTo(0, document.body.scrollHeight)")
        demo.wait_for_gallery()
    shown = demo.items.evaluate_all("all => all.map(each => each.dataset.key)")
    assert shown == failed
    demo.filter_by_status("All")
    expect(demo.item(catalog[1])).to_be_visible()
