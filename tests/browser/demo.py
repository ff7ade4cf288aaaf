"""The demo page as a person uses it."""

import base64
import re
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.integration.site import Site

from .complaints import Complaints
from .pictures import File

DONE_WITHIN = 30_000
"""Milliseconds for a picture to go through the pipeline, on a machine that is busy."""

TRANSFER = """files => {
  const transfer = new DataTransfer();
  for (const {name, type, data} of files) {
    const bytes = Uint8Array.from(atob(data), each => each.charCodeAt(0));
    transfer.items.add(new File([bytes], name, {type}));
  }
  return transfer;
}"""


class Demo:
    """The page, and what the API behind it says."""

    def __init__(self, page: Page, site: Site, complaints: Complaints) -> None:
        self.page = page
        self.site = site
        self.complaints = complaints
        self.banner = page.get_by_role("region", name="Trouble")
        self.tiles = page.get_by_test_id("tile")
        self.traces = page.get_by_test_id("trace")
        self.announcer = page.locator("#announcer")

    # --- Opening ---------------------------------------------------------------------------------

    def open(self, fragment: str = "") -> None:
        """Open the page; return when the gallery is there."""
        self.page.goto(f"{self.site.page}/{fragment}")
        self.wait_for_gallery()

    def wait_for_gallery(self) -> None:
        """Wait until the gallery has come."""
        expect(self.page.locator("#tiles")).to_have_attribute("aria-busy", "false")

    # --- Uploading -------------------------------------------------------------------------------

    def drop(self, *files: File) -> None:
        """Drop files on the page."""
        transfer = self.page.evaluate_handle(TRANSFER, _sent(files))
        for event in ("dragenter", "dragover", "drop"):
            self.page.dispatch_event("#drop", event, {"dataTransfer": transfer})

    def choose(self, *files: File) -> None:
        """Choose files in the browser's own dialog."""
        with self.page.expect_file_chooser() as opened:
            self.page.get_by_text("Choose pictures").click()
        opened.value.set_files(_payloads(files))

    def paste(self, *files: File) -> None:
        """Paste files."""
        transfer = self.page.evaluate_handle(TRANSFER, _sent(files))
        self.page.evaluate(
            """clipboardData => document.body.dispatchEvent(new ClipboardEvent(
                "paste", {clipboardData, bubbles: true, cancelable: true}))""",
            transfer,
        )

    def trace(self, name: str) -> Locator:
        """The way of a file from here to done."""
        return self.traces.filter(has_text=name)

    def expect_done(self, name: str) -> None:
        """Wait until an upload has become a picture."""
        expect(self.trace(name)).to_have_attribute("data-stage", "done", timeout=DONE_WITHIN)

    def key_of(self, name: str) -> str:
        """The key that an upload got."""
        address = self.trace(name).get_by_role("link").get_attribute("href") or ""
        found = self.page.evaluate("decodeURIComponent", address.removeprefix("#/image/"))
        return str(found)

    def key_of_tile(self, name: str) -> str:
        """The key of the newest picture of this name."""
        tile = self.tiles.filter(has_text=name).first
        return str(tile.get_attribute("data-key"))

    # --- Looking ---------------------------------------------------------------------------------

    def tile(self, key: str) -> Locator:
        """A picture in the gallery."""
        return self.page.locator(f'[data-testid="tile"][data-key="{key}"]')

    def show(self, status: str) -> None:
        """Show only pictures with a status: All, Done, Processing, To review or Failed."""
        # The button itself is there for those who do not see its label.
        self.page.get_by_role("radio", name=status, exact=True).check(force=True)

    def leave_out(self, pattern: str) -> None:
        """Let no complaint that matches fail the test, because the test provokes it."""
        self.complaints.allow(pattern)

    @property
    def api(self) -> re.Pattern[str]:
        """The URLs of the API."""
        return re.compile(re.escape(f"{self.site.page}/api/"))

    def api_path(self, path: str) -> re.Pattern[str]:
        """The URLs of one of the API's paths, whatever their query."""
        return re.compile(re.escape(f"{self.site.page}/api/{path}") + r"(\?.*)?$")

    @property
    def storage(self) -> re.Pattern[str]:
        """The URLs of S3 that forms go to."""
        return re.compile(r"^https?://[^/]*-raw-")


def fragment(key: str, view: str = "image") -> str:
    """The part of the address that opens a picture."""
    return f"#/{view}/{quote(key, safe='')}"


def origin_of(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _sent(files: Sequence[File]) -> list[dict[str, str]]:
    return [
        {"name": each.name, "type": each.type, "data": base64.b64encode(each.data).decode()}
        for each in files
    ]


def _payloads(files: Sequence[File]) -> list[FilePayload]:
    return [{"name": each.name, "mimeType": each.type, "buffer": each.data} for each in files]
