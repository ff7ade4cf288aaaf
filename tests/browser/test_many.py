"""The gallery of a catalog that is large: 10,000 entries that the test answers itself."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route, expect

from . import artifacts
from .demo import DONE_WITHIN, Demo

ENTRIES = 10_000
SHOWN = 1_000
"""Entries that the test scrolls to."""
FAILED = 97
"""Each so many-th has failed."""


def entry(number: int) -> dict[str, Any]:
    """Return an entry without renditions; numbers count from the newest."""
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
        "error": {"code": "unsupported-format", "message": "No image."} if is_failed else None,
    }


@pytest.fixture
def catalog(demo: Demo) -> list[str]:
    """Answer lists of the large catalog; give its keys, newest first."""
    entries = [entry(number) for number in range(ENTRIES)]

    def answer(route: Route) -> None:
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

    demo.page.route(demo.api_path("images"), answer)
    return [each["key"] for each in entries]


def test_ten_thousand_images(demo: Demo, catalog: list[str]) -> None:
    """All that was scrolled to is there once and in order, and the browser lays out what is near
    the screen alone. A status shows its own.
    """
    demo.open()
    while demo.tiles.count() < SHOWN:
        demo.page.evaluate("scrollTo(0, document.body.scrollHeight)")
        demo.wait_for_gallery()
    keys = demo.tiles.evaluate_all("all => all.map(each => each.dataset.key)")
    assert keys == catalog[: len(keys)]
    drawn = demo.tiles.evaluate_all(
        "all => all.filter(each => each.checkVisibility({contentVisibilityAuto: true})).length"
    )
    assert 0 < drawn <= SHOWN / 2
    artifacts.take(demo, "many")
    demo.page.evaluate("scrollTo(0, 0)")
    expect(demo.tile(catalog[0])).to_be_in_viewport()
    demo.show("Failed")
    failed = catalog[::FAILED]
    expect(demo.tiles.first).to_have_attribute("data-key", failed[0])
    while demo.tiles.count() < len(failed):
        demo.page.evaluate("scrollTo(0, document.body.scrollHeight)")
        demo.wait_for_gallery()
    shown = demo.tiles.evaluate_all("all => all.map(each => each.dataset.key)")
    assert shown == failed
    demo.show("All")
    expect(demo.tile(catalog[1])).to_be_visible(timeout=DONE_WITHIN)
