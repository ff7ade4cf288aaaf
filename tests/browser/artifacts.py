"""What is kept of a run: pictures of the page's states, and all about what failed."""

import re
from pathlib import Path

from .demo import Demo

KEPT = Path(__file__).parents[2] / ".darkroom"
SCREENSHOTS = KEPT / "screenshots"
FAILURES = KEPT / "test-failures"


def take(demo: Demo, name: str, *, whole: bool = False) -> None:
    """Keep a screenshot of a state, once all pictures that can be seen have come."""
    demo.page.wait_for_function(
        """() => [...document.querySelectorAll("img")].every(each => each.complete ||
          each.getBoundingClientRect().top > innerHeight || each.offsetParent === null)"""
    )
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    demo.page.screenshot(path=path, full_page=whole, animations="disabled")


def keep(demo: Demo, test: str) -> str:
    """Keep what is known of a test that failed; answers where."""
    folder = FAILURES / "browser" / re.sub(r"[^\w.-]+", "-", test)
    folder.mkdir(parents=True, exist_ok=True)
    log = [*demo.complaints.log, "", "Complaints:", *demo.complaints.found()]
    (folder / "console.log").write_text("\n".join(log) + "\n")
    (folder / "page.html").write_text(demo.page.content())
    demo.page.screenshot(path=folder / "page.png", full_page=True, timeout=10_000)
    return str(folder)
