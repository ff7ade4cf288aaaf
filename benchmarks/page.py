"""Benchmark of the demo page in Chromium: transfer size, paint times, time to process three photos.

Each round is a new visitor. Prints medians. Needs a running emulator (`make up`).
"""

import argparse
import shutil
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import boto3
from playwright.sync_api import Browser, Page, sync_playwright

from localstack_init.build import PROJECT
from localstack_init.site import page_address
from localstack_init.stack import Stack

PHOTOS = [PROJECT / "samples" / name for name in ("raccoon.jpg", "earth.jpg", "flower.jpg")]

WATCH = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) window.shift += each.value;
}).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) window.largest = each.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
"""

PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


@dataclass(frozen=True, slots=True)
class Visit:
    """Measurements of one visit."""

    bytes: float
    """Bytes of the page, its scripts and its styles, with headers."""
    api_bytes: float
    """Bytes of the API's responses, with headers."""
    requests: float
    first_paint: float
    """Milliseconds to the first contentful paint."""
    largest_paint: float
    """Milliseconds to the largest contentful paint."""
    shift: float
    """Cumulative layout shift."""
    processed: float
    """Milliseconds from the drop of three photos to the last one's result."""


def visit(browser: Browser, url: str) -> Visit:
    """Load the page, upload three photos, and return the measurements."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(WATCH)
    page = context.new_page()
    counted = count(page)
    page.goto(url)
    page.locator("#gallery-items[aria-busy=false]").wait_for(state="attached")
    page.wait_for_load_state("networkidle")
    loaded = [sum(kind) for kind in (counted["page"], counted["api"])]
    requests = len(counted["page"])
    paint, largest, shift = (page.evaluate(each) for each in (PAINT, "window.largest", "shift"))
    started = time.perf_counter()
    page.locator("input[type=file]").set_input_files(PHOTOS)
    done = page.locator("[data-testid=upload][data-status=done]")
    done.nth(len(PHOTOS) - 1).wait_for(timeout=60_000)
    processed = (time.perf_counter() - started) * 1000
    context.close()
    return Visit(loaded[0], loaded[1], requests, paint, largest, shift, processed)


def count(page: Page) -> dict[str, list[float]]:
    """Collect the transferred bytes of each response, for the page and for the API."""
    counted: dict[str, list[float]] = {"page": [], "api": []}
    kinds: dict[str, str] = {}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def responded(event: dict[str, object]) -> None:
        is_api = "/api/" in event["response"]["url"]  # type: ignore[index]
        if event["type"] != "Image":
            kinds[str(event["requestId"])] = "api" if is_api else "page"

    def finished(event: dict[str, object]) -> None:
        if kind := kinds.get(str(event["requestId"])):
            counted[kind].append(float(str(event["encodedDataLength"])))

    session.on("Network.responseReceived", responded)
    session.on("Network.loadingFinished", finished)
    return counted


def main() -> None:
    """Measure the visits, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--stack", default="darkroom")
    options = parser.parse_args()
    outputs = Stack(boto3.client("cloudformation"), options.stack, print).outputs()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        visits = [visit(browser, page_address(outputs["SiteUrl"])) for _ in range(options.rounds)]
        browser.close()

    def median(name: str) -> float:
        return float(statistics.median(getattr(each, name) for each in visits))

    files = f"{median('requests'):.0f} files"
    print(f"page, scripts, styles   {median('bytes') / 1000:6.1f} KB in {files}")
    print(f"the API's responses     {median('api_bytes') / 1000:6.1f} KB")
    print(f"first contentful paint  {median('first_paint'):6.0f} ms")
    print(f"largest paint           {median('largest_paint'):6.0f} ms")
    print(f"layout shift            {max(each.shift for each in visits):6.4f} (maximum)")
    print(f"three photos processed  {median('processed'):6.0f} ms after the drop")
    print(f"medians of {options.rounds} visits, with {Path(chromium or 'Chromium').name}")


if __name__ == "__main__":
    main()
