"""Screenshots of the running emulator's page for the documentation: ``make screenshots``."""

import io
import sys
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Browser, expect

from darkroom.cloud import Cloud
from tests.integration.flagged import flagged
from tests.integration.site import Site
from tests.speed import LIMIT

from . import chromium
from .demo import Demo, fragment
from .dialog import ImageDialog, Playground
from .files import TEXT_FILE, photo
from .page_errors import PageErrors

EARLIER_PHOTOS = ("rocket.jpg", "photographer.png", "astronaut.jpg", "cat.png")
PHOTOS = ("mountains.jpg", "flower.jpg", "coffee.png", "raccoon.jpg", "earth.jpg")
DESKTOP = {"width": 1280, "height": 980}
PHONE = {"width": 390, "height": 780}
QUALITY = 88


def main(folder: Path) -> None:
    """Upload sample photos and a text file, and save screenshots of each view."""
    folder.mkdir(parents=True, exist_ok=True)
    site = Site(Cloud.find("darkroom").outputs["SiteUrl"], httpx.Client(timeout=LIMIT))
    with chromium.started() as browser:
        demo = visit(browser, site, color_scheme="light")
        for names, others in ((EARLIER_PHOTOS, ()), (PHOTOS, (TEXT_FILE,))):
            demo.open()
            demo.drop(*map(photo, names), *others)
            for name in names:
                demo.expect_done(name)
        key = demo.key_of("raccoon.jpg")
        expect(demo.item(key).locator("img.is-loaded")).to_be_visible()
        save(demo, folder / "page.webp")
        dialog = ImageDialog(demo)
        dialog.open(key)
        dialog.button("Slider").click()
        expect(dialog.slider).to_be_visible()
        save(demo, folder / "detail.webp")
        playground = Playground(demo)
        playground.open(demo.newest_key("mountains.jpg"))
        playground.button("Old print").click()
        playground.expect_result()
        save(demo, folder / "playground.webp")
        save_review(demo, folder)
        dark = visit(browser, site, color_scheme="dark")
        dark.open()
        save(dark, folder / "dark.webp")
        phone = visit(browser, site, color_scheme="light", viewport=PHONE, device_scale_factor=2)
        phone.open()
        save(phone, folder / "phone.webp")


def save_review(demo: Demo, folder: Path) -> None:
    """Save screenshots of a held image and of its workflow, then approve it."""
    boats = photo("boats.jpg")
    with flagged(boats.data):
        demo.open()
        demo.drop(boats)
        row = demo.upload(boats.name)
        expect(row).to_have_attribute("data-status", "held")
    key = demo.key_of(boats.name)
    dialog = ImageDialog(demo)
    dialog.open(key)
    expect(dialog.button("Show image")).to_be_visible()
    save(demo, folder / "review.webp")
    demo.open(fragment(key, "workflow"))
    hold = dialog.element.locator('[data-name="Hold"][data-status="running"]')
    expect(hold).to_be_visible()
    save(demo, folder / "workflow.webp")
    dialog.button("Approve").click()
    expect(dialog.status).to_have_text("Done")


def visit(browser: Browser, site: Site, **options: object) -> Demo:
    """Return a page in a new browser context."""
    context = browser.new_context(
        **{"viewport": DESKTOP, "locale": "en-GB", "device_scale_factor": 1.5, **options}  # type: ignore[arg-type]
    )
    return Demo(context.new_page(), site, PageErrors(context, ()))


def save(demo: Demo, path: Path) -> None:
    """Save a screenshot once the network is idle."""
    demo.page.wait_for_load_state("networkidle")
    taken = Image.open(io.BytesIO(demo.page.screenshot(animations="disabled")))
    taken.convert("RGB").save(path, quality=QUALITY, method=6)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
