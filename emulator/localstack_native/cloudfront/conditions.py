"""Conditional requests and ranges, evaluated on a whole response.

https://www.rfc-editor.org/rfc/rfc9110.html#name-conditional-requests and #name-range-requests
"""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

from werkzeug.datastructures import Headers

from localstack_native.cloudfront.messages import Response

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def narrowed(response: Response, request_headers: Headers) -> Response:
    """Return 304, 412, 206 or 416 for a whole response (200), or the response itself."""
    if response.status != 200 or not isinstance(response.body, bytes):
        return response
    if _is_other(response.headers, request_headers):
        return Response(412, _without_content(response.headers), b"", response.source)
    if _is_known(response.headers, request_headers):
        return Response(304, _without_content(response.headers), b"", response.source)
    found = _RANGE.fullmatch(request_headers.get("Range", "").strip())
    if (
        not found
        or found.groups() == ("", "")
        or not _may_be_part(response.headers, request_headers)
    ):
        return response
    return _part(response, response.body, *found.groups())


def _part(response: Response, body: bytes, first: str, last: str) -> Response:
    size = len(body)
    if first:
        start, end = int(first), min(int(last) if last else size - 1, size - 1)
    else:
        start, end = max(0, size - int(last)), size - 1
    if last and first and int(last) < int(first):
        return response
    if start > end:
        headers = _without_content(response.headers)
        headers["Content-Range"] = f"bytes */{size}"
        return Response(416, headers, b"", "Error")
    headers = Headers(response.headers)
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    headers["Content-Length"] = str(end - start + 1)
    return Response(206, headers, body[start : end + 1], response.source)


def _without_content(headers: Headers) -> Headers:
    left = Headers(headers)
    for name in ("Content-Length", "Content-Encoding", "Content-Type", "Content-Range"):
        left.remove(name)
    return left


def _is_other(headers: Headers, request_headers: Headers) -> bool:
    """Return whether If-Match or If-Unmodified-Since fails."""
    if "If-Match" in request_headers:
        etag = headers.get("ETag", "")
        return etag.startswith("W/") or not _names(request_headers["If-Match"], etag)
    since, modified = _date(request_headers, "If-Unmodified-Since"), _date(headers, "Last-Modified")
    return bool(since and modified and modified > since)


def _is_known(headers: Headers, request_headers: Headers) -> bool:
    """Return whether the viewer already has this version."""
    if "If-None-Match" in request_headers:
        return _names(request_headers["If-None-Match"], headers.get("ETag", ""))
    since, modified = _date(request_headers, "If-Modified-Since"), _date(headers, "Last-Modified")
    return bool(since and modified and modified <= since)


def _may_be_part(headers: Headers, request_headers: Headers) -> bool:
    """Return whether If-Range is absent or names the current version."""
    if "If-Range" not in request_headers:
        return True
    wanted, etag = request_headers["If-Range"].strip(), headers.get("ETag", "")
    if wanted.startswith(('"', "W/")):
        return wanted == etag and not etag.startswith("W/")
    return _date(request_headers, "If-Range") == _date(headers, "Last-Modified") is not None


def _names(condition: str, etag: str) -> bool:
    """Return whether a list of entity tags contains one, strong or weak."""
    if condition.strip() == "*":
        return True
    tags = (each.strip().removeprefix("W/") for each in condition.split(","))
    return bool(etag) and etag.removeprefix("W/") in tags


def _date(headers: Headers, name: str) -> datetime | None:
    try:
        return parsedate_to_datetime(headers[name]) if name in headers else None
    except ValueError:
        return None
