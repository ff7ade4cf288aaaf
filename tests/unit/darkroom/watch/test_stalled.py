"""Stalled uploads."""

import pytest

from darkroom.watch.stalled import (
    LOOK_SECONDS,
    PATIENCE_SECONDS,
    SUSPECT_SECONDS,
    StalledUploads,
)


def test_stalled_uploads() -> None:
    """With an empty queue, uploads that were pending during an outage are soon stalled, and others
    later; with messages in the queue, none is.
    """
    is_idle = False
    stalled = StalledUploads(lambda: is_idle)
    stalled.suspect(["a"])

    def found(begin: float, end: float) -> dict[str, float]:
        pending, when = {"a", "b"}, {}
        while begin < end:
            for key in stalled.look(begin, pending):
                when[key] = begin
            pending -= when.keys()
            begin += LOOK_SECONDS
        return when

    assert found(0, 300) == {}
    is_idle = True
    when = found(300, 500)
    assert when["a"] - 300 == pytest.approx(SUSPECT_SECONDS, abs=LOOK_SECONDS)
    assert when["b"] - 300 == pytest.approx(PATIENCE_SECONDS, abs=LOOK_SECONDS)
