"""The order of reprocess requests for one write of a key."""

import time

from processor.sqs.reprocess import new_request

WRITTEN = "0055AED6DCD90281E5"
DAY = 86_400 * 10**9


def test_a_request_from_a_clock_that_is_behind() -> None:
    """It is newer than the last request, which a machine made whose clock was days ahead."""
    ahead = new_request("a", "2026-05-01T12:00:00.000Z", WRITTEN).sequencer
    written, _, moment = ahead.partition(".")
    ahead = f"{written}.{int(moment, 16) + 3 * DAY:016X}"
    second = new_request("a", "2026-05-01T12:00:00.000Z", ahead).sequencer
    third = new_request("a", "2026-05-01T12:00:00.000Z", second).sequencer
    assert written < ahead < second < third < f"{WRITTEN}1"


def test_the_first_request_of_a_write() -> None:
    """It has the time of its machine."""
    _, _, moment = new_request("a", "2026-05-01T12:00:00.000Z", WRITTEN).sequencer.partition(".")
    assert abs(int(moment, 16) - time.time_ns()) < DAY
