"""Events of reviews: the moderators' topic, and the queue that receives every outcome."""

from typing import Literal

import pytest

from processor.events.outcomes import event_id
from tests.integration.bus import Inbox
from tests.integration.flagged import flagged, patchwork
from tests.integration.waiting import wait_for

from .bench import Bench


@pytest.mark.parametrize(
    ("decision", "wanted"),
    [("approve", ["held", "approved", "done"]), ("reject", ["held", "rejected"])],
)
def test_a_review_has_its_events(
    watchful: Bench,
    outcomes: tuple[Inbox, str],
    moderators: tuple[Inbox, str],
    key: str,
    decision: Literal["approve", "reject"],
    wanted: list[str],
) -> None:
    """A flagged upload notifies the moderators once, and each outcome is sent on once.

    The event says why the image is held and until when, and not with what token it is decided.
    """
    events, notices = outcomes[0], moderators[0]
    picture = patchwork(key)
    with flagged(picture):
        watchful.put(key, picture)
        wait_for(lambda: notices.statuses(key) == ["held"])
        (held,) = notices.of(key)
        entry = watchful.waits(key)
        assert held["reasons"] == entry["review"]["reasons"]
        assert held["until"] == entry["review"]["until"] > held["time"]
        assert entry["review_token"] not in str(held)
        assert watchful.decide(key, decision).status_code == 202
        wait_for(lambda: events.statuses(key) == wanted)
    told = {each["status"]: each for each in events.of(key)}
    version = entry["sequencer"]
    assert {each["id"] for each in told.values()} == {
        event_id(key, version, status)  # type: ignore[arg-type]
        for status in wanted
    }
    assert told["held"] == held
    assert told[wanted[1]]["decidedBy"] == "api"
    assert notices.statuses(key) == ["held"]
