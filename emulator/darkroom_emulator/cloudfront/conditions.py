"""Conditional requests and ranges, answered from what is at hand.

https://www.rfc-editor.org/rfc/rfc9110.html#name-conditional-requests and #name-range-requests
"""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

from werkzeug.datastructures import Headers

from darkroom_emulator.cloudfront.messages import Answer

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def narrowed(answer: Answer, asked: Headers) -> Answer:
    """Return what is left of a whole response (200) by a request's conditions and range."""
    if answer.status != 200 or not isinstance(answer.body, bytes):
        return answer
    if _is_other(answer.headers, asked):
        return Answer(412, _without_content(answer.headers), b"", answer.source)
    if _is_known(answer.headers, asked):
        return Answer(304, _without_content(answer.headers), b"", answer.source)
    found = _RANGE.fullmatch(asked.get("Range", "").strip())
    if not found or found.groups() == ("", "") or not _may_be_part(answer.headers, asked):
        return answer
    return _part(answer, answer.body, *found.groups())


def _part(answer: Answer, body: bytes, first: str, last: str) -> Answer:
    size = len(body)
    if first:
        start, end = int(first), min(int(last) if last else size - 1, size - 1)
    else:
        start, end = max(0, size - int(last)), size - 1
    if last and first and int(last) < int(first):
        return answer
    if start > end:
        headers = _without_content(answer.headers)
        headers["Content-Range"] = f"bytes */{size}"
        return Answer(416, headers, b"", "Error")
    headers = Headers(answer.headers)
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    headers["Content-Length"] = str(end - start + 1)
    return Answer(206, headers, body[start : end + 1], answer.source)


def _without_content(headers: Headers) -> Headers:
    left = Headers(headers)
    for name in ("Content-Length", "Content-Encoding", "Content-Type", "Content-Range"):
        left.remove(name)
    return left


def _is_other(headers: Headers, asked: Headers) -> bool:
    """Tell whether a condition asks for another version than there is."""
    if "If-Match" in asked:
        etag = headers.get("ETag", "")
        return etag.startswith("W/") or not _names(asked["If-Match"], etag)
    since, modified = _date(asked, "If-Unmodified-Since"), _date(headers, "Last-Modified")
    return bool(since and modified and modified > since)


def _is_known(headers: Headers, asked: Headers) -> bool:
    """Tell whether the viewer has this version already."""
    if "If-None-Match" in asked:
        return _names(asked["If-None-Match"], headers.get("ETag", ""))
    since, modified = _date(asked, "If-Modified-Since"), _date(headers, "Last-Modified")
    return bool(since and modified and modified <= since)


def _may_be_part(headers: Headers, asked: Headers) -> bool:
    """Tell whether If-Range, if it is there, names the version that there is."""
    if "If-Range" not in asked:
        return True
    wanted, etag = asked["If-Range"].strip(), headers.get("ETag", "")
    if wanted.startswith(('"', "W/")):
        return wanted == etag and not etag.startswith("W/")
    return _date(asked, "If-Range") == _date(headers, "Last-Modified") is not None


def _names(condition: str, etag: str) -> bool:
    """Tell whether a list of entity tags has one, strong or weak."""
    if condition.strip() == "*":
        return True
    tags = (each.strip().removeprefix("W/") for each in condition.split(","))
    return bool(etag) and etag.removeprefix("W/") in tags


def _date(headers: Headers, name: str) -> datetime | None:
    try:
        return parsedate_to_datetime(headers[name]) if name in headers else None
    except ValueError:
        return None
