"""Numbers of S3 events after a restart."""

import time

import pytest

from localstack_native.s3.sequencer import Numbers

DAY = 86_400 * 10**9


@pytest.mark.parametrize("ahead", [-DAY, 0, DAY])
def test_numbers_continue_after_a_restart(ahead: int) -> None:
    """They are greater than those of the snapshot, whose clock may have been ahead, and increase
    over further restarts.
    """
    before = time.time_ns() + ahead
    for _ in range(3):
        restarted = Numbers()
        restarted.continue_after(before)
        first, second = restarted.take(), restarted.take()
        assert before < first < second
        before = second
