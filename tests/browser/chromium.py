"""Chromium, as it is found on this machine."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserType, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

MISSING = (
    "there is no Chromium: install it (Debian: apt-get install chromium), "
    "or let Playwright fetch one (.venv/bin/playwright install chromium)"
)


class NoBrowserError(Exception):
    """There is no Chromium on this machine."""


@contextmanager
def started() -> Iterator[Browser]:
    """Start a headless Chromium, and end it afterwards.

    Raises ``NoBrowserError``.
    """
    with sync_playwright() as playwright, launched(playwright.chromium) as browser:
        yield browser


@contextmanager
def launched(kind: BrowserType, *arguments: str) -> Iterator[Browser]:
    """Start a Chromium with further ``arguments``, one of several of a running Playwright.

    Raises ``NoBrowserError``.
    """
    found = next(filter(None, map(shutil.which, NAMES)), None)
    own = kind.executable_path
    path = found or (own if Path(own).is_file() else None)
    if path is None:
        raise NoBrowserError(MISSING)
    browser = kind.launch(executable_path=path, args=[*ARGUMENTS, *arguments])
    yield browser
    browser.close()
