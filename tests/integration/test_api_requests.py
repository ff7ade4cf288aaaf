"""Invalid requests, and many requests at once."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import boto3
import httpx
import pytest

from darkroom.cloud import Cloud
from tests.speed import LIMIT

from .localstack import LocalStack
from .site import Site
from .test_api import code

pytestmark = pytest.mark.contract

JSON = {"content-type": "application/json"}
FORM = b'--a\r\ncontent-disposition: form-data; name="b"\r\n\r\nc\r\n--a--\r\n'


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("stats", "GET, OPTIONS"),
        ("recipes", "GET, OPTIONS"),
        ("uploads", "POST, OPTIONS"),
        ("images", "GET, OPTIONS"),
        ("images/a", "GET, PATCH, DELETE, OPTIONS"),
        ("images/a/process", "POST, OPTIONS"),
        ("images/a/original", "GET, OPTIONS"),
    ],
)
@pytest.mark.parametrize("method", ["HEAD", "PUT"])
def test_other_methods_are_not_allowed(site: Site, method: str, path: str, allowed: str) -> None:
    """The response lists the allowed ones."""
    response = site.api(method, path)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)
    if method != "HEAD":
        assert code(response) == (405, "method-not-allowed")


@pytest.mark.parametrize("path", ["", "nothing", "images/a/b", "images/a/process/b", "Stats"])
def test_other_paths_are_not_found(site: Site, path: str) -> None:
    """The response is the API's problem document, not API Gateway's."""
    assert code(site.api("GET", path)) == (404, "not-found")


@pytest.mark.parametrize("key", ["k" * 10_000, "%ff", "%00", "a%2", "%zz", "k" * 1025])
def test_invalid_keys_are_refused(site: Site, key: str) -> None:
    """No S3 object can have such a key."""
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
def test_invalid_bodies_are_refused(
    site: Site, path: str, headers: dict[str, str], content: bytes, status: int, reason: str
) -> None:
    """Each has the code of its problem."""
    url = f"{site.root}/api/{path}"
    response = site.http.post(url, headers=headers, content=content)
    assert code(response) == (status, reason)


SERVED = 10
"""Requests of a burst that are served at least."""


@pytest.fixture
def own_concurrency(cloud: Cloud, own_localstack: LocalStack | None) -> Iterator[None]:
    """Let the API's function take no concurrency of other tests, where these share an account."""
    client, function = boto3.client("lambda"), cloud.outputs["ApiFunction"]
    if own_localstack:
        client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=SERVED)
    yield
    if own_localstack:
        client.delete_function_concurrency(FunctionName=function)


@pytest.mark.usefixtures("own_concurrency")
def test_many_requests_at_once(site: Site) -> None:
    """All get a response; a throttled one is a problem document, with Retry-After."""

    def list_images(_number: int) -> httpx.Response:
        return httpx.get(f"{site.root}/api/images?limit=5", timeout=LIMIT)

    with ThreadPoolExecutor(40) as pool:
        responses = list(pool.map(list_images, range(40)))
    counts = Counter(response.status_code for response in responses)
    assert counts.keys() <= {200, 429, 503}, counts
    assert counts[200] >= SERVED
    for response in responses:
        if response.status_code == 503:
            assert code(response) == (503, "unavailable")
            assert int(response.headers["retry-after"]) > 0
        elif response.status_code == 429:
            assert code(response) == (429, "throttled")
