"""Recognition of browser navigations."""

import pytest
from werkzeug.datastructures import Headers

from localstack_native.security.browsers import is_navigation

UA = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"}
DOCUMENT = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("method", "headers", "is_one"),
    [
        ("GET", {"Sec-Fetch-Mode": "navigate"}, True),
        ("HEAD", {"Sec-Fetch-Mode": "navigate"}, True),
        ("POST", {"Sec-Fetch-Mode": "navigate"}, True),
        ("GET", {**UA, **DOCUMENT, "Sec-Fetch-Mode": "cors"}, False),
        ("GET", {**UA, "Sec-Fetch-Mode": "no-cors", "Accept": "image/*"}, False),
        ("GET", {**UA, **DOCUMENT}, True),
        ("HEAD", {**UA, **DOCUMENT}, True),
        ("POST", {**UA, **DOCUMENT}, False),
        ("GET", {**UA, "Accept": "image/webp,*/*"}, False),
        ("GET", {**UA}, False),
        ("GET", {"User-Agent": "curl/8.14.1", **DOCUMENT}, False),
        ("OPTIONS", {**UA, "Accept": "*/*", "Sec-Fetch-Mode": "cors"}, False),
    ],
)
def test_navigations_are_recognized(method: str, headers: dict[str, str], *, is_one: bool) -> None:
    """Requests of tabs and frames are navigations; older browsers are recognized by Accept."""
    assert is_navigation(method, Headers(headers)) is is_one
