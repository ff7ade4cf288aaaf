"""Page object of the demo page: opening it, uploading files, reading the gallery."""

import base64
import re
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.integration.site import Site

from .files import File
from .page_errors import PageErrors

# The page clears an announcement after four seconds.
ANNOUNCEMENTS = """() => {
  const region = document.querySelector("#announcer");
  window.announcements = [];
  new MutationObserver(() => window.announcements.push(region.textContent))
    .observe(region, {characterData: true, childList: true, subtree: true});
}"""

TRANSFER = """files => {
  const transfer = new DataTransfer();
  for (const {name, type, data} of files) {
    const bytes = Uint8Array.from(atob(data), each => each.charCodeAt(0));
    transfer.items.add(new File([bytes], name, {type}));
  }
  return transfer;
}"""


class Demo:
    """The page, its site, and the errors that it causes."""

    def __init__(self, page: Page, site: Site, errors: PageErrors) -> None:
        self.page = page
        self.site = site
        self.errors = errors
        self.banner = page.get_by_role("region", name="API problem")
        self.items = page.get_by_test_id("gallery-item")
        self.uploads = page.get_by_test_id("upload")

    # --- Opening ---------------------------------------------------------------------------------

    def open(self, fragment: str = "") -> None:
        """Open the page, and wait until the gallery has loaded."""
        self.page.goto(f"{self.site.page}/{fragment}")
        self.page.evaluate(ANNOUNCEMENTS)
        self.wait_for_gallery()

    def wait_for_gallery(self) -> None:
        """Wait until the gallery has loaded."""
        expect(self.page.locator("#gallery-items")).to_have_attribute("aria-busy", "false")

    def expect_announced(self, text: str) -> None:
        """Wait until the page has announced a text to screen readers."""
        self.page.wait_for_function("text => window.announcements.includes(text)", arg=text)

    # --- Uploading -------------------------------------------------------------------------------

    def drag(self, *files: File) -> None:
        """Drag files over the page."""
        self._dispatch(files, "dragenter", "dragover")

    def drop(self, *files: File) -> None:
        """Drop files on the page."""
        self._dispatch(files, "dragenter", "dragover", "drop")

    def _dispatch(self, files: Sequence[File], *events: str) -> None:
        transfer = self.page.evaluate_handle(TRANSFER, _encoded(files))
        for event in events:
            self.page.dispatch_event("#dropzone", event, {"dataTransfer": transfer})

    def choose(self, *files: File) -> None:
        """Choose files in the browser's file dialog."""
        with self.page.expect_file_chooser() as opened:
            self.page.get_by_text("Choose images").click()
        opened.value.set_files(_payloads(files))

    def paste(self, *files: File) -> None:
        """Paste files."""
        transfer = self.page.evaluate_handle(TRANSFER, _encoded(files))
        self.page.evaluate(
            """clipboardData => document.body.dispatchEvent(new ClipboardEvent(
                "paste", {clipboardData, bubbles: true, cancelable: true}))""",
            transfer,
        )

    def upload(self, name: str) -> Locator:
        """Return a file's row in the upload list."""
        return self.uploads.filter(has_text=name)

    def expect_done(self, name: str) -> None:
        """Wait until an upload is done."""
        expect(self.upload(name)).to_have_attribute("data-status", "done")

    def expect_idle(self) -> None:
        """Wait until the page shows an empty pipeline."""
        expect(self.page.locator("#api-status")).to_have_attribute("data-state", "idle")

    def key_of(self, name: str) -> str:
        """Return the key of an upload."""
        address = self.upload(name).get_by_role("link").get_attribute("href") or ""
        found = self.page.evaluate("decodeURIComponent", address.removeprefix("#/image/"))
        return str(found)

    # --- Gallery ---------------------------------------------------------------------------------

    def item(self, key: str) -> Locator:
        """Return an image's item in the gallery."""
        return self.page.locator(f'[data-testid="gallery-item"][data-key="{key}"]')

    def newest_key(self, name: str) -> str:
        """Return the key of the newest image with a name."""
        return str(self.items.filter(has_text=name).first.get_attribute("data-key"))

    def filter_by_status(self, status: str) -> None:
        """Show one status: All, Done, Processing, To review, Rejected or Failed."""
        # The radio button is visible to screen readers only.
        self.page.get_by_role("radio", name=status, exact=True).check(force=True)

    # --- Requests --------------------------------------------------------------------------------

    def allow_error(self, pattern: str) -> None:
        """Ignore page errors that match, because the test provokes them."""
        self.errors.allow(pattern)

    @property
    def api(self) -> re.Pattern[str]:
        """The URLs of the API."""
        return re.compile(re.escape(f"{self.site.page}/api/"))

    def api_path(self, path: str) -> re.Pattern[str]:
        """Return a pattern for the URLs of an API path with any query."""
        return re.compile(re.escape(f"{self.site.page}/api/{path}") + r"(\?.*)?$")

    def silence_feed(self) -> None:
        """Respond to requests for changes that there are none."""
        feed = re.compile(re.escape(f"{self.site.page}/api/images?since="))
        none = {"changes": [], "next": "0-0", "more": False}
        self.page.route(feed, lambda route: route.fulfill(json=none))

    @property
    def storage(self) -> re.Pattern[str]:
        """The URLs of the raw bucket, which presigned POSTs go to."""
        return re.compile(r"^https?://[^/]*-raw-")


def fragment(key: str, view: str = "image") -> str:
    """Return the URL fragment that opens an image."""
    return f"#/{view}/{quote(key, safe='')}"


def origin_of(url: str) -> str:
    """Return the scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _encoded(files: Sequence[File]) -> list[dict[str, str]]:
    return [
        {"name": each.name, "type": each.type, "data": base64.b64encode(each.data).decode()}
        for each in files
    ]


def _payloads(files: Sequence[File]) -> list[FilePayload]:
    return [{"name": each.name, "mimeType": each.type, "buffer": each.data} for each in files]
