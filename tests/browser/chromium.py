"""Headless Chromium of this machine."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserType, expect, sync_playwright

from tests.speed import LIMIT

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

SHELL = "chromium-headless-shell"
"""Chromium without its user interface, which takes two thirds of the processor time."""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

MISSING = (
    "Chromium is not installed. Install it with the system's packages (Debian: apt-get install "
    "chromium) or with Playwright (.venv/bin/playwright install chromium)."
)


class NoBrowserError(Exception):
    """Chromium is not installed on this machine."""


@contextmanager
def started() -> Iterator[Browser]:
    """Yield a headless Chromium.

    Raises ``NoBrowserError``.
    """
    expect.set_options(timeout=1000 * LIMIT)
    with sync_playwright() as playwright, launched(playwright.chromium, SHELL) as browser:
        yield browser


@contextmanager
def launched(kind: BrowserType, *names: str, arguments: Sequence[str] = ()) -> Iterator[Browser]:
    """Yield one of several Chromiums of a running Playwright, with further ``arguments``.

    ``names`` are those of programs that are preferred to Chromium itself. Raises
    ``NoBrowserError``.
    """
    found = next(filter(None, map(shutil.which, (*names, *NAMES))), None)
    own = kind.executable_path
    path = found or (own if Path(own).is_file() else None)
    if path is None:
        raise NoBrowserError(MISSING)
    browser = kind.launch(executable_path=path, args=[*ARGUMENTS, *arguments])
    yield browser
    browser.close()
