"""One emulator, pipeline and browser for all hostile pages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from .harness import ELSEWHERE, Harness, emulator, ready


@pytest.fixture(scope="package")
def harness(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """Give visits of pages to an emulator of their own, or to that of AWS_ENDPOINT_URL."""
    folder = tmp_path_factory.mktemp("hostile")
    with (
        emulator(folder, ELSEWHERE) as endpoint,
        ready(browser.browser_type, folder, endpoint, is_own=ELSEWHERE is None) as harness,
    ):
        yield harness
