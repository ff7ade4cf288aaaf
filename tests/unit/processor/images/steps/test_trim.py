"""Trim of a border of one color."""

import pytest
from PIL import Image

from processor.images.canvas import Canvas
from processor.images.plan.geometry import WHOLE, Box
from processor.images.recipe import Trim
from processor.images.steps.trim import trim
from tests.unit.processor.images.sample_images import quarters, stored
from tests.unit.processor.images.steps.jobs import job

SIZE = (200, 100)
INNER = (20, 30, 140, 90)
LEFT: Box = (0.1, 0.3, 0.7, 0.9)


def framed(border: object, mode: str = "RGB", inner: Image.Image | None = None) -> Image.Image:
    """Return an image of 120 x 60 pixels with a border, wider on the right than on the left."""
    image = Image.new(mode, SIZE, border)  # type: ignore[arg-type]
    image.paste(inner or quarters(120, 60).convert(mode), INNER)
    return image


def trimmed(image: Image.Image, tolerance: int = 10, orientation: int = 1) -> Box:
    """Return the region that trim selects in the upright image."""
    canvas = Canvas((image,), orientation=orientation)
    return trim(canvas, job(trim=Trim(tolerance))).region


@pytest.mark.parametrize(
    ("border", "mode"),
    [
        ("white", "RGB"), ("black", "RGB"), ("#808080", "RGB"), (255, "L"), ("white", "RGBA"),
        ((0, 0, 0, 0), "CMYK"), ((255, 0, 0, 0), "RGBA"),
    ],
)  # fmt: skip
def test_trim(border: object, mode: str) -> None:
    """A border of any color, or a transparent one, is found in any mode."""
    assert trimmed(framed(border, mode)) == pytest.approx(LEFT)


def test_a_transparent_border_may_have_any_colors() -> None:
    """The colors of transparent pixels don't matter."""
    image = quarters(*SIZE).convert("RGBA")
    image.putalpha(0)
    image.paste(quarters(120, 60, "RGBA"), INNER)
    assert trimmed(image) == pytest.approx(LEFT)


@pytest.mark.parametrize(
    ("tolerance", "noise", "found"),
    [(0, 0, True), (0, 1, False), (10, 10, True), (10, 11, False), (60, 60, True)],
)
def test_tolerance(tolerance: int, noise: int, found: bool) -> None:  # noqa: FBT001
    """Border pixels may differ by the tolerance."""
    image = framed((200, 200, 200))
    image.putpixel((5, 95), (200, 200 - noise, 200))
    image.putpixel((190, 5), (200, 200, 200 - noise))
    left, top, right, bottom = trimmed(image, tolerance)
    assert ((left, top, right, bottom) == pytest.approx(LEFT)) is found
    if not found:
        assert (left, top, right, bottom) == pytest.approx((5 / 200, 5 / 100, 191 / 200, 96 / 100))


@pytest.mark.parametrize("corner", [(0, 0), (199, 0), (0, 99), (199, 99)])
def test_one_corner_may_be_different(corner: tuple[int, int]) -> None:
    """The border has the color of most corners."""
    image = framed("white")
    image.putpixel(corner, (0, 0, 0))
    left, top, right, bottom = trimmed(image)
    x, y = (0 if at == 0 else 1 for at in corner)
    assert (left if x == 0 else right) == x
    assert (top if y == 0 else bottom) == y
    assert (right if x == 0 else left) == pytest.approx(LEFT[2] if x == 0 else LEFT[0])
    assert (bottom if y == 0 else top) == pytest.approx(LEFT[3] if y == 0 else LEFT[1])


@pytest.mark.parametrize("color", ["white", "red", (0, 0, 0, 0)])
def test_an_image_of_one_color_is_kept_whole(color: object) -> None:
    """An image that is all border is kept whole."""
    mode = "RGBA" if isinstance(color, tuple) else "RGB"
    assert trimmed(Image.new(mode, (20, 20), color)) == WHOLE  # type: ignore[arg-type]


def test_an_image_without_a_border_is_kept_whole(coffee: Image.Image) -> None:
    """A photograph is kept whole."""
    assert trimmed(coffee) == WHOLE


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(orientation: int) -> None:
    """The region is that of the upright image."""
    turned = stored(framed("white"), orientation)
    assert trimmed(turned, orientation=orientation) == pytest.approx(LEFT)


@pytest.mark.parametrize("box", [(1, 2, 6, 998), (3, 300, 4, 301), (0, 511, 8, 513), (2, 0, 5, 9)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_tall_images(box: tuple[int, int, int, int], mode: str) -> None:
    """The content is found to the pixel, across strips."""
    image = Image.new(mode, (8, 1000), "white" if mode == "RGB" else (9, 9, 9, 0))
    image.paste("red", box)
    left, top, right, bottom = box
    assert trimmed(image) == pytest.approx((left / 8, top / 1000, right / 8, bottom / 1000))


def test_does_nothing_unless_asked() -> None:
    """Without the operation, the canvas is returned unchanged."""
    canvas = Canvas((framed("white"),))
    assert trim(canvas, job()) is canvas
