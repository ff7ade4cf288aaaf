"""Ages as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from darkroom.terminal.units import age


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (7199, "1 h"), (200_000, "2 d"), (-5, "0 s")],
)
def test_age(seconds: int, text: str) -> None:
    """An age is in its largest unit, and never negative if clocks differ."""
    then = datetime.now(UTC) - timedelta(seconds=seconds)
    assert age(then.isoformat()) == text
