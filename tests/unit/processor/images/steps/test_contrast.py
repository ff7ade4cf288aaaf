"""Contrast."""

import pytest

from processor.images.steps.contrast import contrast
from tests.unit.processor.images.steps.jobs import of_one


@pytest.mark.parametrize(
    ("factor", "tone", "expected"),
    [(2, 100, 72.5), (2, 150, 172.5), (2, 20, 0), (2, 250, 255), (0.5, 0, 64), (0, 10, 127.5)],
)
def test_contrast(factor: float, tone: int, expected: float) -> None:
    """The distance of all tones from middle gray is multiplied, as CSS's contrast() does."""
    (gray,) = of_one(contrast, (tone,), contrast=factor)
    assert gray == pytest.approx(expected, abs=0.51)
    assert of_one(contrast, (tone, tone, tone, 77), contrast=factor) == (gray, gray, gray, 77)
