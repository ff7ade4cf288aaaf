"""Edge detection."""

import pytest
from PIL import Image

from processor.images.steps.edges import edges
from tests.unit.processor.images.steps.jobs import (
    halves,
    rows,
    run,
    windows,
)


@pytest.mark.parametrize("color", ["black", "#c08040", "white"])
def test_surfaces_are_black(color: str) -> None:
    """An image of one color has no edges, and its border is none."""
    assert run(edges, Image.new("RGB", (9, 9), color), edges=True).getextrema() == (0, 0)


@pytest.mark.parametrize("reach", [1, 2])
def test_an_edge_is_a_line(reach: int) -> None:
    """An edge is as bright as its step is high; its width grows with the density."""
    line = rows(run(edges, halves(60, 160), density=reach, edges=True))[0]
    lit = range(50 - reach, 50 + reach)
    assert list(line) == [100 if x in lit else 0 for x in range(100)]


def test_a_photograph(flower: Image.Image) -> None:
    """Every pixel is the range of the tones around it."""
    tones = flower.convert("L")
    result = rows(run(edges, tones, edges=True))
    for x, y, around in windows(tones, 1):
        assert result[y][x] == max(around) - min(around)
