"""Requests that need an original which was deleted on purpose, or has expired."""

import time
from datetime import UTC, datetime

import pytest

from processor.change import timestamp
from tests.unit.processor.api.conftest import Api

KEY = "a.jpg"


def process(api: Api) -> tuple[int, str]:
    """Request the processing of the image; return the status and the code."""
    result = api.call("POST", "/images/{key}/process", {}, key=KEY)
    return result.status, result.code


@pytest.mark.parametrize("original", ["deleted", "expired"])
def test_what_needs_the_original_is_refused(api: Api, original: str) -> None:
    """The entry says why, and so does each response."""
    api.table.add(filename=KEY, original=original)
    code = f"original-{original}"
    assert process(api) == (409, code)
    shown = api.call("GET", "/images/{key}", key=KEY)
    assert shown.body["original"] == original
    results = [
        api.call("GET", "/images/{key}/original", key=KEY),
        api.call(
            "PATCH", "/images/{key}", {"focal_point": {"x": 0, "y": 0}}, key=KEY,
            headers={"if-match": "*"},
        ),
    ]  # fmt: skip
    assert [(each.status, each.code) for each in results] == [(409, code)] * 2


@pytest.mark.parametrize(("days", "wanted"), [(2, "not-found"), (1, "original-expired")])
def test_an_expiry_that_s3_has_not_reported_yet(api: Api, days: int, wanted: str) -> None:
    """An original that is missing and older than the rule allows has expired."""
    day_ago = datetime.fromtimestamp(time.time() - 25 * 3600, UTC)
    api.table.add(filename=KEY, timestamp=timestamp(day_ago))
    assert process(api.with_settings(originals_retention=days))[1] == wanted


def test_an_expired_image_cannot_be_approved(api: Api) -> None:
    """Nothing could be rendered; it can be rejected."""
    review = {"reasons": [], "since": "2026-05-01T12:00:01.000Z"}
    held = {"status": "review", "review": review, "review_token": "token", "renditions": []}
    api.table.add(filename=KEY, original="expired", **held)
    result = api.call("POST", "/images/{key}/review", {"decision": "approve"}, key=KEY)
    assert (result.status, result.code) == (409, "original-expired")
    result = api.call("POST", "/images/{key}/review", {"decision": "reject"}, key=KEY)
    assert result.status == 202
