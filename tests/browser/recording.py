"""Recording of an upload on the running emulator's page, as animated WebP: ``make recording``."""

import base64
import io
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from PIL import Image
from playwright.sync_api import Page

from darkroom.cloud import Cloud
from tests.integration.site import Site
from tests.speed import LIMIT

from . import chromium
from .demo import Demo
from .files import photo
from .page_errors import PageErrors

EARLIER_PHOTOS = ("rocket.jpg", "photographer.png", "astronaut.jpg", "cat.png")
PHOTOS = ("mountains.jpg", "flower.jpg", "coffee.png", "raccoon.jpg", "earth.jpg")
VIEWPORT = {"width": 1120, "height": 760}
WIDTH = 800
QUALITY = 70
DRAG_MS, FADE_MS = 600, 1_500
"""How long files are held over the page, and how long the last image takes to appear."""
FIRST_MS, LAST_MS, TOTAL_MS = 700, 1_800, 7_500
"""How long the first frame, the last and all are shown, at most."""
SHORTEST_MS, LONGEST_MS = 80, 400
"""How long a frame between them is shown: a slow machine's pauses are shortened."""
TO_PANEL = "panel => scrollTo(0, panel.getBoundingClientRect().top - 76)"
LOADED = """() => [...document.querySelectorAll("#gallery-items img")]
  .filter(image => image.getBoundingClientRect().top < innerHeight)
  .every(image => image.classList.contains("is-loaded"))"""
MOST_BYTES = 1_000_000


class Frame(NamedTuple):
    """What the page showed from a time on, in seconds."""

    time: float
    png: bytes


class Screencast:
    """The frames of a page, from its next change on."""

    def __init__(self, page: Page) -> None:
        self.frames: list[Frame] = []
        self._session = page.context.new_cdp_session(page)
        self._session.on("Page.screencastFrame", self._add)
        self._session.send("Page.startScreencast", {"format": "png"})

    def stop(self) -> list[Frame]:
        """Return the frames."""
        self._session.remove_listener("Page.screencastFrame", self._add)
        self._session.send("Page.stopScreencast")  # and wait for what was sent before
        return self.frames

    def _add(self, event: dict[str, Any]) -> None:
        png = base64.b64decode(event["data"])
        self.frames.append(Frame(event["metadata"]["timestamp"], png))
        self._session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})


def main(path: Path) -> None:
    """Record the upload of sample photos. Exits with a message if the file is too large."""
    site = Site(Cloud.find("darkroom").outputs["SiteUrl"], httpx.Client(timeout=LIMIT))
    with chromium.started() as browser:
        context = browser.new_context(viewport=VIEWPORT, locale="en-GB", color_scheme="light")  # type: ignore[arg-type]
        demo = Demo(context.new_page(), site, PageErrors(context, ()))
        demo.open()
        demo.drop(*map(photo, EARLIER_PHOTOS))
        for name in EARLIER_PHOTOS:
            demo.expect_done(name)
        demo.open()
        demo.expect_idle()
        demo.page.locator(".upload-panel").evaluate(TO_PANEL)
        demo.page.wait_for_function(LOADED)
        frames = record_upload(demo)
    data = animation(frames)
    if len(data) > MOST_BYTES:
        sys.exit(f"The recording has {len(data):,} bytes, over {MOST_BYTES:,}. Lower QUALITY.")
    path.write_bytes(data)


def record_upload(demo: Demo) -> list[Frame]:
    """Return the frames of an upload: files over the page, their progress, the gallery."""
    screencast = Screencast(demo.page)
    files = [photo(name) for name in PHOTOS]
    demo.drag(*files)
    demo.page.wait_for_timeout(DRAG_MS)
    demo.drop(*files)
    for name in PHOTOS:
        demo.expect_done(name)
    demo.expect_idle()
    demo.page.wait_for_function(LOADED)
    demo.page.wait_for_timeout(FADE_MS)
    return screencast.stop()


def animation(frames: list[Frame]) -> bytes:
    """Return frames as animated WebP, each shown as long as it was, or shorter."""
    images: list[Image.Image] = []
    durations: list[int] = []
    waited = 0
    for frame, following in pairwise(frames):
        waited += round(1_000 * (following.time - frame.time))
        if waited >= SHORTEST_MS:
            images.append(_image(frame))
            durations.append(min(waited, LONGEST_MS))
            waited = 0
    images.append(_image(frames[-1]))
    faster = min(1, (TOTAL_MS - FIRST_MS - LAST_MS) / sum(durations[1:]))
    between = [round(duration * faster) for duration in durations[1:]]
    file = io.BytesIO()
    images[0].save(
        file,
        "WEBP",
        save_all=True,
        append_images=images[1:],
        duration=[FIRST_MS, *between, LAST_MS],
        loop=0,
        quality=QUALITY,
        method=6,
    )
    return file.getvalue()


def _image(frame: Frame) -> Image.Image:
    image = Image.open(io.BytesIO(frame.png)).convert("RGB")
    height = round(image.height * WIDTH / image.width)
    return image.resize((WIDTH, height), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
