"""The screenshots of the documentation, of the running emulator's page: ``make screenshots``."""

import io
import sys
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Browser, expect

from darkroom.cloud import Cloud
from tests.integration.flagged import flagged
from tests.integration.site import Site

from . import chromium
from .complaints import Complaints
from .demo import DONE_WITHIN, Demo, fragment
from .detail import Detail, Playground
from .pictures import NOTES, photograph

BEFORE = ("rocket.jpg", "photographer.png", "astronaut.jpg", "cat.png")
PHOTOGRAPHS = ("mountains.jpg", "flower.jpg", "coffee.png", "raccoon.jpg", "earth.jpg")
WIDE = {"width": 1280, "height": 980}
PHONE = {"width": 390, "height": 780}
QUALITY = 88


def main(folder: Path) -> None:
    """Upload the samples and a file that is none, and take the pictures of it."""
    folder.mkdir(parents=True, exist_ok=True)
    site = Site(Cloud.find("darkroom").outputs["SiteUrl"], httpx.Client(timeout=30))
    with chromium.started() as browser:
        demo = visit(browser, site, color_scheme="light")
        for names, others in ((BEFORE, ()), (PHOTOGRAPHS, (NOTES,))):
            demo.open()
            demo.drop(*map(photograph, names), *others)
            for name in names:
                demo.expect_done(name)
        key = demo.key_of("raccoon.jpg")
        expect(demo.tile(key).locator("img.is-loaded")).to_be_visible()
        shoot(demo, folder / "page.webp")
        detail = Detail(demo)
        detail.open(key)
        detail.button("Slider").click()
        expect(detail.slider).to_be_visible()
        shoot(demo, folder / "detail.webp")
        playground = Playground(demo)
        playground.open(demo.key_of_tile("mountains.jpg"))
        playground.button("Old print").click()
        playground.expect_result()
        shoot(demo, folder / "playground.webp")
        shoot_review(demo, folder)
        dark = visit(browser, site, color_scheme="dark")
        dark.open()
        shoot(dark, folder / "dark.webp")
        phone = visit(browser, site, color_scheme="light", viewport=PHONE, device_scale_factor=2)
        phone.open()
        shoot(phone, folder / "phone.webp")


def shoot_review(demo: Demo, folder: Path) -> None:
    """A picture that waits for a decision, because it was declared to be flagged, and its graph."""
    boats = photograph("boats.jpg")
    with flagged(boats.data):
        demo.open()
        demo.drop(boats)
        expect(demo.trace(boats.name)).to_have_attribute("data-stage", "held", timeout=DONE_WITHIN)
    key = demo.key_of(boats.name)
    detail = Detail(demo)
    detail.open(key)
    expect(detail.button("Look at it")).to_be_visible()
    shoot(demo, folder / "review.webp")
    demo.open(fragment(key, "workflow"))
    hold = detail.dialog.locator('[data-name="Hold"][data-status="running"]')
    expect(hold).to_be_visible(timeout=DONE_WITHIN)
    shoot(demo, folder / "workflow.webp")
    detail.button("Approve").click()
    expect(detail.state).to_have_text("Done", timeout=DONE_WITHIN)


def visit(browser: Browser, site: Site, **options: object) -> Demo:
    """A new visitor."""
    context = browser.new_context(
        **{"viewport": WIDE, "locale": "en-GB", "device_scale_factor": 1.5, **options}  # type: ignore[arg-type]
    )
    return Demo(context.new_page(), site, Complaints(context, ()))


def shoot(demo: Demo, path: Path) -> None:
    """Take a screenshot, once all that can be seen is there."""
    demo.page.wait_for_load_state("networkidle")
    taken = Image.open(io.BytesIO(demo.page.screenshot(animations="disabled")))
    taken.convert("RGB").save(path, quality=QUALITY, method=6)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
