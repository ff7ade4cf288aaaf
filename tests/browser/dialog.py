"""Page objects of the image dialog and its playground."""

import json
from typing import Any

from playwright.sync_api import Locator, expect

from .demo import Demo, fragment


class ImageDialog:
    """The dialog with one image."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.element = demo.page.get_by_role("dialog")
        self.title = self.element.get_by_role("heading", level=2)
        self.status = self.element.locator(".dialog-status")
        self.rows = self.element.get_by_role("table", name="Renditions").locator("tbody tr")
        self.slider = self.element.get_by_role("slider", name="Position between before and after")

    def open(self, key: str) -> None:
        """Open an image by its URL."""
        self.demo.open(fragment(key))
        self.expect_open(key)

    def expect_open(self, key: str) -> None:
        """Wait until the dialog shows an image."""
        expect(self.title).to_have_text(key.rsplit("/", maxsplit=1)[-1])
        expect(self.element).to_be_visible()

    def button(self, name: str, *, exact: bool = True) -> Locator:
        """Return one of the dialog's buttons."""
        return self.element.get_by_role("button", name=name, exact=exact)

    def unfold(self, name: str) -> None:
        """Open a collapsed section by the text of its summary."""
        summary = self.element.locator("summary").filter(has_text=name)
        if summary.locator("..").get_attribute("open") is None:
            summary.click()

    def copied(self) -> str:
        """Return the text on the clipboard."""
        return str(self.demo.page.evaluate("navigator.clipboard.readText()"))


class Playground(ImageDialog):
    """The dialog with the playground."""

    def __init__(self, demo: Demo) -> None:
        super().__init__(demo)
        self.result = self.element.get_by_test_id("playground-result")
        self.problem = self.element.get_by_role("alert")

    def open(self, key: str) -> None:
        """Open the playground of an image by its URL."""
        self.demo.open(fragment(key, "playground"))
        self.expect_open(key)
        expect(self.operation("Resize")).to_be_visible()

    def operation(self, name: str) -> Locator:
        """Return the switch of an operation."""
        return self.element.get_by_role("switch", name=name, exact=True)

    def recipe(self) -> dict[str, Any]:
        """Return the recipe that the playground shows."""
        text = self.element.locator('pre[aria-label="Recipe as JSON"]').text_content()
        found: dict[str, Any] = json.loads(text or "")
        return found

    def shown(self, label: str) -> str:
        """Return the text of a code block by its label."""
        return self.element.get_by_label(label, exact=True).inner_text()

    def expect_result(self) -> None:
        """Wait for the result of a run."""
        expect(self.result).to_contain_text("rendered in")
