"""Responses of a function URL: files, parts of them, redirects and problem documents.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
"""

import base64
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec

from processor.storage.renditions import CACHE_CONTROL
from processor.storage.variants import StoredVariant
from processor.variants.problems import VariantError

MOST_BYTES = 4_500_000
"""Largest file in a response: base64 makes it 6 MB, the limit of Lambda's responses."""

RANGE = re.compile(r"bytes=(\d*)-(\d*)")

Response = dict[str, Any]


def file_response(stored: StoredVariant, headers: Mapping[str, str]) -> Response:
    """Return a stored variant, as S3 does: whole, a part of it, or that it is unchanged.

    A larger one is redirected to its own URL, where S3 has it by now. ``headers`` are those of the
    request.
    """
    if headers.get("if-none-match") in (stored.etag, "*"):
        return {
            "statusCode": HTTPStatus.NOT_MODIFIED,
            "headers": {"etag": stored.etag, "cache-control": CACHE_CONTROL},
        }
    if len(stored.data) > MOST_BYTES:
        return {
            "statusCode": HTTPStatus.FOUND,
            # Relative to the URL that the client sent, which this function does not know.
            "headers": {"location": "?stored", "cache-control": "private, no-store"},
        }
    response_headers = {
        "content-type": stored.content_type,
        "etag": stored.etag,
        "cache-control": CACHE_CONTROL,
        "accept-ranges": "bytes",
    }
    status, data = HTTPStatus.OK, stored.data
    if headers.get("if-range", stored.etag) == stored.etag and (
        part := _part(headers.get("range", ""), len(data))
    ):
        status = HTTPStatus.PARTIAL_CONTENT
        response_headers["content-range"] = f"bytes {part.start}-{part.stop - 1}/{len(data)}"
        data = data[part.start : part.stop]
    return _with_body(status, response_headers, data)


def problem_response(error: VariantError, fallback: StoredVariant | None) -> Response:
    """Return a problem document (RFC 9457), or the fallback image, with the error's status."""
    headers = {"cache-control": f"public, max-age={error.seconds}"}
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = "1"
    if fallback:
        headers["content-type"] = fallback.content_type
        return _with_body(error.status, headers, fallback.data)
    problem = {
        "title": error.status.phrase,
        "status": error.status.value,
        "code": error.code,
        "detail": str(error),
    }
    headers["content-type"] = "application/problem+json"
    return {
        "statusCode": error.status,
        "headers": headers,
        "body": msgspec.json.encode(problem).decode(),
    }


def _with_body(status: HTTPStatus, headers: dict[str, str], data: bytes) -> Response:
    return {
        "statusCode": status,
        "headers": headers,
        "body": base64.b64encode(data).decode(),
        "isBase64Encoded": True,
    }


def _part(header: str, size: int) -> range | None:
    """Return the bytes of a request for one range; None for the whole file (RFC 9110, 14.2)."""
    found = RANGE.fullmatch(header.strip())
    if not found or found[1] == found[2] == "":
        return None
    if found[1] == "":
        part = range(max(0, size - int(found[2])), size)
    else:
        part = range(int(found[1]), min(int(found[2] or size) + 1, size))
    return part or None
