"""Where resizing takes an original."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.images.geometry import plan
from processor.images.recipe import Resize

sides = st.integers(1, 20_000)
boxes = st.integers(1, 16_384)


@pytest.mark.parametrize(
    ("original", "box", "fit", "size"),
    [
        ((4000, 3000), (800, 800), "inside", (800, 600)),
        ((3000, 4000), (800, 800), "inside", (600, 800)),
        ((400, 300), (800, 800), "inside", (400, 300)),
        ((4000, 3000), (300, 300), "cover", (300, 300)),
        ((4000, 100), (300, 300), "cover", (100, 100)),
        ((200, 400), (300, 300), "cover", (200, 200)),
        ((10_000, 1), (800, 800), "inside", (800, 1)),
    ],
)
def test_size(
    original: tuple[int, int], box: tuple[int, int], fit: str, size: tuple[int, int]
) -> None:
    """A rendition has the size that its box asks for, and is never enlarged."""
    resize = Resize(width=box[0], height=box[1], fit=fit)  # type: ignore[arg-type]
    assert plan(*original, resize).size == size


def test_no_resize_keeps_the_size() -> None:
    """A rendition without a box has the original's size."""
    assert plan(40, 30, None).size == (40, 30)


@given(sides, sides, boxes, boxes)
def test_cover_keeps_the_shape_of_its_box(width: int, height: int, across: int, down: int) -> None:
    """What cover shows has the box's shape, lies within the original, and is not enlarged."""
    geometry = plan(width, height, Resize(width=across, height=down, fit="cover"))
    left, top, right, bottom = geometry.crop
    assert 0 <= left < right <= 1
    assert 0 <= top < bottom <= 1
    assert 0 < geometry.scale <= 1 + 1e-9
    shown = (right - left) * width / ((bottom - top) * height)
    assert shown == pytest.approx(across / down)
    assert geometry.size[0] <= min(across, max(1, width))
    assert geometry.size[1] <= min(down, max(1, height))


@given(sides, sides, boxes, boxes)
def test_inside_keeps_the_whole_picture(width: int, height: int, across: int, down: int) -> None:
    """Inside crops nothing, and fits its box."""
    geometry = plan(width, height, Resize(width=across, height=down, fit="inside"))
    assert geometry.is_whole
    assert geometry.size[0] <= across
    assert geometry.size[1] <= down
