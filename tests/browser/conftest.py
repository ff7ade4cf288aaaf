"""One browser and one stack for all tests; for each a page of its own that is listened to."""

import os
import uuid
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from darkroom.cloud import Cloud
from tests.deployed import cloud, endpoint, own_localstack, show_logs
from tests.integration.site import Site, site

from . import artifacts, chromium
from .complaints import Complaints
from .demo import Demo, origin_of
from .pictures import File, photograph

__all__ = ["cloud", "endpoint", "own_localstack", "site"]

Upload = Callable[..., list[str]]
NewDemo = Callable[..., Demo]

DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give Chromium; without one the tests are skipped, but not where all is to be tested."""
    expect.set_options(timeout=10_000)
    try:
        with chromium.started() as browser:
            yield browser
    except chromium.NoBrowserError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


@pytest.fixture
def new_demo(browser: Browser, site: Site) -> Iterator[NewDemo]:
    """Give a way to make a page as Playwright's options for contexts want it."""
    contexts = []

    def make(at: Site = site, **options: Any) -> Demo:
        context = browser.new_context(
            **{"viewport": DESKTOP, "color_scheme": "light", "locale": "en-GB"} | options
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        complaints = Complaints(context, {origin_of(at.page), _storage(at)})
        return Demo(context.new_page(), at, complaints)

    yield make
    for context in contexts:
        context.close()


def _storage(site: Site) -> str:
    """The origin that browsers send forms to, and get originals from."""
    headers = {"sec-fetch-site": "same-origin"}
    answer = site.api("POST", "uploads", {"files": [{"name": "a.jpg"}]}, **headers)
    return origin_of(answer.json()["uploads"][0]["url"])


@pytest.fixture
def demo(new_demo: NewDemo) -> Demo:
    """Give the page on a desktop, not yet opened."""
    return new_demo()


@pytest.fixture(scope="session")
def upload(cloud: Cloud, site: Site) -> Upload:
    """Give a way to put files through the pipeline without the page; answers their keys."""
    return partial(put, cloud, site)


def put(cloud: Cloud, site: Site, *files: File) -> list[str]:
    """Put files through a pipeline without the page; answer their keys."""
    folder = uuid.uuid4().hex[:8]
    keys = [f"browser/{folder}/{each.name}" for each in files]

    def put_one(key: str, file: File) -> None:
        cloud.s3.put_object(Bucket=cloud.outputs["RawBucket"], Key=key, Body=file.data)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put_one, keys, files))
    for key in keys:
        site.ended(key)
    return keys


@pytest.fixture
def photographs(upload: Upload) -> list[str]:
    """Give the keys of the sample photographs, done, and the newest that there are."""
    names = ("mountains.jpg", "flower.jpg", "coffee.png", "earth.jpg", "raccoon.jpg")
    return upload(*map(photograph, names))


def _demos(item: pytest.Item) -> list[Demo]:
    return [each for each in getattr(item, "funcargs", {}).values() if isinstance(each, Demo)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail a test whose page had something to complain of."""
    result = yield
    for demo in _demos(item):
        demo.page.evaluate("0")  # what has happened is told before its answer
        complaints = demo.complaints.found()
        assert not complaints, "\n".join(complaints)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep all about a failure, and show the ends of the logs."""
    report = yield
    if report.failed and report.when == "call":
        for demo in _demos(item):
            kept = artifacts.keep(demo, item.nodeid.rsplit("/", maxsplit=1)[-1])
            report.sections.append(("The page as it was is in", kept))
    show_logs(item, report, "LogGroup", "ApiLogGroup")
    return report
