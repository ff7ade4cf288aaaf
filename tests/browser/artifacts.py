"""Artifacts of a run: screenshots of the page's states, and the evidence of failed tests."""

import re
from pathlib import Path

from .demo import Demo

ARTIFACTS = Path(__file__).parents[2] / ".darkroom"
SCREENSHOTS = ARTIFACTS / "screenshots"
FAILURES = ARTIFACTS / "test-failures"


def screenshot(demo: Demo, name: str, *, full_page: bool = False) -> None:
    """Save a screenshot once all visible images have loaded."""
    demo.page.wait_for_function(
        """() => [...document.querySelectorAll("img")].every(each => each.complete ||
          each.getBoundingClientRect().top > innerHeight || each.offsetParent === null)"""
    )
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    demo.page.screenshot(path=path, full_page=full_page, animations="disabled")


def save_failure(demo: Demo, test: str) -> str:
    """Save the console, the HTML and a screenshot of a failed test; return the folder."""
    folder = FAILURES / "browser" / re.sub(r"[^\w.-]+", "-", test)
    folder.mkdir(parents=True, exist_ok=True)
    log = [*demo.errors.log, "", "Errors:", *demo.errors.found()]
    (folder / "console.log").write_text("\n".join(log) + "\n")
    (folder / "page.html").write_text(demo.page.content())
    demo.page.screenshot(path=folder / "page.png", full_page=True)
    return str(folder)
