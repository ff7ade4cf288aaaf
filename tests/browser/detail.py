"""The dialog that shows one picture, and the playground in it."""

import json
from typing import Any

from playwright.sync_api import Locator, expect

from .demo import Demo, fragment


class Detail:
    """The dialog, once it is open."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.dialog = demo.page.get_by_role("dialog")
        self.title = self.dialog.get_by_role("heading", level=2)
        self.state = self.dialog.locator(".detail-state")
        self.rows = self.dialog.get_by_role("table", name="Renditions").locator("tbody tr")
        self.slider = self.dialog.get_by_role("slider", name="Where the picture before ends")

    def open(self, key: str) -> None:
        """Open a picture by its address."""
        self.demo.open(fragment(key))
        self.expect_open(key)

    def expect_open(self, key: str) -> None:
        """Wait until a picture is shown."""
        expect(self.title).to_have_text(key.rsplit("/", maxsplit=1)[-1])
        expect(self.dialog).to_be_visible()

    def button(self, name: str, *, exact: bool = True) -> Locator:
        """One of the dialog's buttons."""
        return self.dialog.get_by_role("button", name=name, exact=exact)

    def copied(self) -> str:
        """What is on the clipboard."""
        return str(self.demo.page.evaluate("navigator.clipboard.readText()"))


class Playground(Detail):
    """The dialog's second view."""

    def __init__(self, demo: Demo) -> None:
        super().__init__(demo)
        self.result = self.dialog.get_by_test_id("playground-result")
        self.problem = self.dialog.get_by_role("alert")

    def open(self, key: str) -> None:
        """Open the playground of a picture by its address."""
        self.demo.open(fragment(key, "playground"))
        self.expect_open(key)
        expect(self.operation("Resize")).to_be_visible()

    def operation(self, name: str) -> Locator:
        """The switch of an operation."""
        return self.dialog.get_by_role("switch", name=name, exact=True)

    def unfold(self, name: str) -> None:
        """Open a group of operations, or the recipe."""
        summary = self.dialog.locator("summary").filter(has_text=name)
        if summary.locator("..").get_attribute("open") is None:
            summary.click()

    def recipe(self) -> dict[str, Any]:
        """The recipe that is shown."""
        text = self.dialog.locator('pre[aria-label="Recipe as JSON"]').text_content()
        found: dict[str, Any] = json.loads(text or "")
        return found

    def develop(self) -> None:
        """Run what was chosen, and wait for the result."""
        self.button("Develop").click()
        self.expect_result()

    def expect_result(self) -> None:
        """Wait for the result of what runs."""
        expect(self.result).to_contain_text("made in", timeout=30_000)
