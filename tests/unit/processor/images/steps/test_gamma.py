"""Gamma correction."""

import pytest

from processor.images.steps.gamma import gamma
from tests.unit.processor.images.steps.jobs import of_one


@pytest.mark.parametrize(
    ("value", "tone", "expected"),
    [(2, 64, 128), (2.2, 55, 127), (0.5, 128, 64), (10, 1, 147), (2.2, 0, 0), (2.2, 255, 255)],
)
def test_gamma(value: float, tone: int, expected: int) -> None:
    """Tones are raised to the power of 1 / gamma; black and white stay."""
    assert of_one(gamma, (tone,), gamma=value) == (expected,)
    assert of_one(gamma, (0, tone, 255, 77), gamma=value) == (0, expected, 255, 77)
