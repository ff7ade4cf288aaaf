"""Which writes of an entry are events; test_interleavings.py has all orders of real ones."""

from typing import Any

import pytest

from processor.events.outcomes import event_id, outcome_of

ERROR = {"code": "corrupt", "message": "It is corrupt."}
REQUEST = {**ERROR, "time": "2026-05-01T12:00:01.000Z"}
REVIEW = {
    "reasons": [{"name": "Violence", "confidence": 97.5}],
    "since": "2026-05-01T12:00:00.000Z",
}
APPROVED = {**REVIEW, "decision": "approve", "by": "api"}
REJECTED = {**REVIEW, "decision": "reject", "by": "timeout"}


def entry(status: str, sequencer: str = "5", **fields: Any) -> Any:
    """Return an entry."""
    return {
        "filename": "a.jpg",
        "status": status,
        "sequencer": sequencer,
        "updated": "2026-05-01T12:00:02.000Z",
        **fields,
    }


WORKING = entry("processing", lease=99.0)
HELD = entry("review", review=REVIEW, review_token="token", lease=99.0)


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (None, WORKING, None),
        (WORKING, None, None),
        (entry("deleted"), None, None),
        (WORKING, entry("done"), "done"),
        (WORKING, entry("deleted"), "deleted"),
        (WORKING, entry("failed", error=ERROR), "failed"),
        (WORKING, entry("processing", retry=ERROR), None),
        # A failure in advance, and its expiry.
        (WORKING, {**WORKING, "in_advance": ERROR}, None),
        ({**WORKING, "in_advance": ERROR}, entry("failed", error=ERROR, retry=ERROR), "failed"),
        # A request that failed: the outcome before it stays.
        (WORKING, entry("done", failed_request=REQUEST), "failed"),
        (WORKING, {**HELD, "failed_request": REQUEST}, "failed"),
        # A write that commits nothing new.
        (entry("done"), entry("done", title="A title"), None),
        (entry("done", failed_request=REQUEST), entry("done", failed_request=REQUEST, x=1), None),
        (entry("done"), WORKING, None),
        # Reviews.
        (WORKING, entry("review", review=REVIEW, retry=ERROR), None),
        (entry("review", review=REVIEW, retry=ERROR), HELD, "held"),
        (HELD, {**HELD, "review_token": "another"}, None),
        (HELD, {**HELD, "review": APPROVED}, None),
        ({**HELD, "review": APPROVED}, entry("processing", review=APPROVED), "approved"),
        (HELD, entry("processing", "6", review=APPROVED), None),
        (HELD, entry("processing", review=REVIEW), None),
        (HELD, entry("rejected", review=REJECTED), "rejected"),
        (
            {**HELD, "failed_request": REQUEST},
            entry("rejected", review=REJECTED, failed_request=REQUEST),
            "rejected",
        ),
        (entry("processing", review=APPROVED), entry("done", review=APPROVED), "done"),
    ],
)
def test_what_is_an_outcome(old: Any, new: Any, status: str | None) -> None:
    """A write that commits an outcome is its event; another write is none."""
    event = outcome_of(old, new)
    assert (event.status if event else None) == status
    if event and status:
        assert event.id == event_id("a.jpg", new["sequencer"], event.status)
        assert event.time == new["updated"]


def test_a_request_that_failed_says_what_stays() -> None:
    """The event has the error, and the renditions that are still published."""
    rendition = {
        "name": "thumb", "key": "processed/a.jpg/thumb.webp", "width": 1, "height": 2, "bytes": 3,
        "type": "image/webp", "ms": 4, "etag": "e",
    }  # fmt: skip
    new = entry("done", failed_request=REQUEST, renditions=[rendition], recipe="default")
    event = outcome_of(WORKING, new)
    assert event
    assert (event.error, event.published) == (ERROR, "done")
    assert event.renditions
    assert event.renditions[0].key == rendition["key"]


def test_who_has_decided() -> None:
    """The event of a decision says whether a person or the time has decided."""
    event = outcome_of(HELD, entry("rejected", review=REJECTED))
    assert event
    assert (event.decided_by, event.status_before) == ("timeout", "review")


def test_ids_differ() -> None:
    """The ID depends on the key, the version and the status, and not on where one ends."""
    ids = {
        event_id(key, version, status)
        for key in ("a", "a5")
        for version in ("5", "55")
        for status in ("done", "failed")
    }
    assert len(ids) == 8
