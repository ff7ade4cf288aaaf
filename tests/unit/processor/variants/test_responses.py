"""Responses of the function's URL."""

import base64
import json

import pytest

from processor.storage.variants import StoredVariant
from processor.variants.problems import VariantError
from processor.variants.responses import MOST_BYTES, file_response, problem_response

STORED = StoredVariant(b"0123456789", "image/webp", '"e"', "1 o")


def body(response: dict[str, object]) -> bytes:
    """Return a response's bytes."""
    assert response["isBase64Encoded"]
    return base64.b64decode(str(response["body"]))


def test_a_whole_file() -> None:
    """A file has its type, its ETag and S3's lifetime."""
    response = file_response(STORED, {})
    assert (response["statusCode"], body(response)) == (200, b"0123456789")
    assert response["headers"] == {
        "content-type": "image/webp",
        "etag": '"e"',
        "cache-control": "public, max-age=60, stale-while-revalidate=60",
        "accept-ranges": "bytes",
    }


@pytest.mark.parametrize(
    ("header", "part", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=8-", b"89", "bytes 8-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", b"0123456789", "bytes 0-9/10"),
        ("bytes=5-99", b"56789", "bytes 5-9/10"),
    ],
)
def test_parts(header: str, part: bytes, content_range: str) -> None:
    """One range is returned alone."""
    response = file_response(STORED, {"range": header})
    assert (response["statusCode"], body(response)) == (206, part)
    assert response["headers"]["content-range"] == content_range


@pytest.mark.parametrize(
    "headers",
    [
        {"range": "bytes=10-"},
        {"range": "bytes=3-1"},
        {"range": "bytes=0-1,4-5"},
        {"range": "lines=1-2"},
        {"range": "bytes=-"},
        {"range": "bytes=0-1", "if-range": '"other"'},
    ],
)
def test_other_ranges(headers: dict[str, str]) -> None:
    """A range that cannot be returned, or is of another file, is ignored (RFC 9110, 14.2)."""
    assert file_response(STORED, headers)["statusCode"] == 200


def test_unchanged() -> None:
    """A client that has the file gets no body."""
    response = file_response(STORED, {"if-none-match": '"e"'})
    assert response["statusCode"] == 304
    assert "body" not in response
    assert file_response(STORED, {"if-none-match": '"f"'})["statusCode"] == 200


def test_large_files() -> None:
    """A file above Lambda's limit is redirected to its own URL, and nobody keeps the redirect."""
    large = StoredVariant(bytes(MOST_BYTES + 1), "image/png", '"e"', "")
    response = file_response(large, {})
    assert response["statusCode"] == 302
    assert response["headers"] == {"location": "?stored", "cache-control": "private, no-store"}
    whole = file_response(StoredVariant(bytes(MOST_BYTES), "image/png", '"e"', ""), {})
    assert whole["statusCode"] == 200
    assert len(json.dumps(whole)) < 6 * 2**20


def test_problems() -> None:
    """An error is a problem document with a short lifetime, or the fallback image."""
    error = VariantError("not-found", "There is none.")
    response = problem_response(error, None)
    assert response["statusCode"] == 404
    assert response["headers"]["content-type"] == "application/problem+json"
    assert response["headers"]["cache-control"] == "public, max-age=10"
    assert json.loads(response["body"]) == {
        "title": "Not Found",
        "status": 404,
        "code": "not-found",
        "detail": "There is none.",
    }
    shown = problem_response(error, STORED)
    assert (shown["statusCode"], body(shown)) == (404, b"0123456789")
    assert shown["headers"]["content-type"] == "image/webp"
    waiting = problem_response(VariantError("not-processed", "Wait."), None)
    assert (waiting["statusCode"], waiting["headers"]["retry-after"]) == (503, "1")
    assert waiting["headers"]["cache-control"] == "public, max-age=1"
