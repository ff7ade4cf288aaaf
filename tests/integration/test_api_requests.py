"""Requests that are not as they should be, and many at once."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from .site import Site
from .test_api import code

JSON = {"content-type": "application/json"}
FORM = b'--a\r\ncontent-disposition: form-data; name="b"\r\n\r\nc\r\n--a--\r\n'


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("stats", "GET, OPTIONS"),
        ("recipes", "GET, OPTIONS"),
        ("uploads", "POST, OPTIONS"),
        ("images", "GET, OPTIONS"),
        ("images/a", "GET, DELETE, OPTIONS"),
        ("images/a/process", "POST, OPTIONS"),
        ("images/a/original", "GET, OPTIONS"),
    ],
)
@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH"])
def test_methods_that_there_are_not(site: Site, method: str, path: str, allowed: str) -> None:
    """The answer says which there are."""
    answer = site.api(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    if method != "HEAD":
        assert code(answer) == (405, "method-not-allowed")


@pytest.mark.parametrize("path", ["", "nothing", "images/a/b", "images/a/process/b", "Stats"])
def test_paths_that_there_are_not(site: Site, path: str) -> None:
    """They are not found, in the API's own words."""
    assert code(site.api("GET", path)) == (404, "not-found")


@pytest.mark.parametrize("key", ["k" * 10_000, "%ff", "%00", "a%2", "%zz", "k" * 1025])
def test_keys_that_there_cannot_be(site: Site, key: str) -> None:
    """They are refused before anybody looks for them."""
    assert code(site.api("GET", f"images/{key}")) == (400, "invalid-key")


@pytest.mark.parametrize("path", ["uploads", "images/a/process"])
@pytest.mark.parametrize(
    ("headers", "content", "status", "reason"),
    [
        (JSON, b"{", 400, "invalid-json"),
        (JSON, b"", 400, "invalid-json"),
        (JSON, b"\xff\xfe{}", 400, "invalid-json"),
        (JSON, b"[]", 400, "invalid-request"),
        (JSON, b'{"other": 1}', 400, "invalid-request"),
        ({"content-type": "text/plain"}, b"{}", 415, "not-json"),
        ({"content-type": "multipart/form-data; boundary=a"}, FORM, 415, "not-json"),
        ({}, b"{}", 415, "not-json"),
        (JSON, json.dumps({"files": "x" * 256 * 1024}).encode(), 413, "body-too-large"),
        (JSON, bytes(3_000_000), 413, "body-too-large"),
    ],
)
def test_bodies_that_cannot_be_read(
    site: Site, path: str, headers: dict[str, str], content: bytes, status: int, reason: str
) -> None:
    """Each says what is wrong with it."""
    url = f"{site.root}/api/{path}"
    answer = site.http.post(url, headers=headers, content=content)
    assert code(answer) == (status, reason)


def test_many_requests_at_once(site: Site) -> None:
    """All are answered, and those that come to no function as the document says, with a hint."""

    def ask(_number: int) -> httpx.Response:
        return httpx.get(f"{site.root}/api/images?limit=5", timeout=60)

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(ask, range(40)))
    told = Counter(answer.status_code for answer in answers)
    assert told.keys() <= {200, 429, 503}, told
    assert told[200] >= 10
    for answer in answers:
        if answer.status_code == 503:
            assert code(answer) == (503, "unavailable")
            assert int(answer.headers["retry-after"]) > 0
        elif answer.status_code == 429:
            assert code(answer) == (429, "throttled")
