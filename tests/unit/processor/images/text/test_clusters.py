"""Grapheme clusters."""

import pytest

from processor.images.text.clusters import clusters


@pytest.mark.parametrize(
    "parts",
    [
        ["a", "b"],
        ["e\u0301", "x"],
        ["क्षि", "त्रि", "य"],
        ["น้ำ", "ป"],
        ["👨‍👩‍👧", "👍🏽", "❤️", "1️⃣", "🏴\U000e0067\U000e0062\U000e007f"],
        ["🇩🇪", "🇫🇷", "🇺"],
        ["שָׁ", "ל"],
    ],
)
def test_clusters(parts: list[str]) -> None:
    """What a reader sees as one character is one cluster (UAX #29)."""
    assert clusters("".join(parts)) == parts
