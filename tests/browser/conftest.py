"""Fixtures: a browser and a stack for the session, and pages whose errors fail their test."""

import os
import uuid
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser

from darkroom.cloud import Cloud
from tests.deployed import cloud, endpoint, own_localstack, show_logs
from tests.integration.site import Site, site
from tests.speed import LIMIT

from . import artifacts, chromium
from .demo import Demo, origin_of
from .files import File, photo
from .page_errors import PageErrors

__all__ = ["cloud", "endpoint", "own_localstack", "site"]

Upload = Callable[..., list[str]]
NewDemo = Callable[..., Demo]

DESKTOP = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield Chromium. Without it, tests are skipped locally and fail in CI."""
    try:
        with chromium.started() as browser:
            yield browser
    except chromium.NoBrowserError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


@pytest.fixture
def new_demo(browser: Browser, site: Site) -> Iterator[NewDemo]:
    """Yield a function that creates a page, with Playwright's options for browser contexts."""
    contexts = []

    def create(at: Site = site, **options: Any) -> Demo:
        context = browser.new_context(
            **{"viewport": DESKTOP, "color_scheme": "light", "locale": "en-GB"} | options
        )
        contexts.append(context)
        context.set_default_timeout(1000 * LIMIT)
        errors = PageErrors(context, {origin_of(at.page), _storage_origin(at)})
        return Demo(context.new_page(), at, errors)

    yield create
    for context in contexts:
        context.close()


def _storage_origin(site: Site) -> str:
    """Return the origin of presigned POSTs and of originals."""
    headers = {"sec-fetch-site": "same-origin"}
    response = site.api("POST", "uploads", {"files": [{"name": "a.jpg"}]}, **headers)
    return origin_of(response.json()["uploads"][0]["url"])


@pytest.fixture
def demo(new_demo: NewDemo) -> Demo:
    """Return a desktop page that is not open yet."""
    return new_demo()


@pytest.fixture(scope="session")
def upload(cloud: Cloud, site: Site) -> Upload:
    """Return a function that processes files without the page and returns their keys."""
    return partial(process, cloud, site)


def process(cloud: Cloud, site: Site, *files: File) -> list[str]:
    """Upload files to the raw bucket, wait until they are processed, and return their keys."""
    folder = uuid.uuid4().hex[:8]
    keys = [f"browser/{folder}/{each.name}" for each in files]

    def put(key: str, file: File) -> None:
        cloud.s3.put_object(Bucket=cloud.outputs["RawBucket"], Key=key, Body=file.data)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, keys, files))
    for key in keys:
        site.ended(key)
    return keys


@pytest.fixture
def photos(upload: Upload) -> list[str]:
    """Return the keys of processed sample photos, the newest images of the catalog."""
    names = ("mountains.jpg", "flower.jpg", "coffee.png", "earth.jpg", "raccoon.jpg")
    return upload(*map(photo, names))


def _demos(item: pytest.Item) -> list[Demo]:
    return [each for each in getattr(item, "funcargs", {}).values() if isinstance(each, Demo)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Fail a test whose page caused an error."""
    result = yield
    for demo in _demos(item):
        demo.page.evaluate("0")  # Events until now are delivered before its result.
        errors = demo.errors.found()
        assert not errors, "\n".join(errors)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Save the page of a failed test, and add the functions' logs to the report."""
    report = yield
    if report.failed and report.when == "call":
        for demo in _demos(item):
            folder = artifacts.save_failure(demo, item.nodeid.rsplit("/", maxsplit=1)[-1])
            report.sections.append(("The page is saved in", folder))
    show_logs(item, report, "LogGroup", "ApiLogGroup")
    return report
