"""Regions and sizes of renditions."""

import itertools
import math
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from processor.images.errors import ImageError
from processor.images.plan.geometry import (
    WHOLE,
    Box,
    Geometry,
    bounds,
    crop_region,
    plan,
    stored_box,
    within,
)
from processor.images.recipe import (
    Crop,
    Png,
    Point,
    Position,
    Rendition,
    Resize,
    Rotate,
)
from tests.unit.processor.images.sample_images import stored

Size = tuple[int, int]

sides = st.integers(1, 20_000)
boxes = st.integers(1, 16_384)
angles = st.floats(-360, 360)

WIDE, TALL = (400, 200), (200, 400)


def planned(
    original: Size, resize: Resize | None = None, density: float = 1, **more: Any
) -> Geometry:
    """Return the geometry of a rendition with these operations."""
    trimmed, focal_point = more.pop("trimmed", WHOLE), more.pop("focal_point", None)
    rendition = Rendition(name="a", output=Png(), resize=resize, **more)
    region = crop_region(original, rendition, trimmed)
    return plan(original, rendition, density, region, focal_point)


@pytest.mark.parametrize(
    ("fit", "box", "enlarge", "size", "canvas"),
    [
        ("inside", (300, 300), False, (300, 150), None),
        ("inside", (600, 600), False, (400, 200), None),
        ("inside", (600, 600), True, (600, 300), None),
        ("outside", (100, 100), False, (200, 100), None),
        ("outside", (300, 300), False, (400, 200), None),
        ("outside", (300, 300), True, (600, 300), None),
        ("cover", (100, 100), False, (100, 100), None),
        ("cover", (300, 300), False, (200, 200), None),
        ("cover", (300, 100), False, (300, 100), None),
        ("cover", (600, 100), False, (400, 67), None),
        ("cover", (300, 300), True, (300, 300), None),
        ("contain", (300, 300), False, (300, 150), (300, 300)),
        ("contain", (300, 150), False, (300, 150), None),
        ("contain", (600, 600), False, (400, 200), (600, 600)),
        ("contain", (600, 600), True, (600, 300), (600, 600)),
        ("fill", (100, 100), False, (100, 100), None),
        ("fill", (300, 300), False, (300, 200), None),
        ("fill", (600, 100), False, (400, 100), None),
        ("fill", (600, 300), True, (600, 300), None),
    ],
)
def test_fit(
    fit: Any,
    box: Size,
    enlarge: bool,  # noqa: FBT001
    size: Size,
    canvas: Size | None,
) -> None:
    """Each fit gives its size, and enlarges only on request."""
    resize = Resize(width=box[0], height=box[1], fit=fit, enlarge=enlarge)
    geometry = planned(WIDE, resize)
    assert (geometry.size, geometry.canvas) == (size, canvas)
    assert geometry.final == (canvas or size)
    assert geometry.is_whole is (fit != "cover")
    turned = planned(TALL, Resize(width=box[1], height=box[0], fit=fit, enlarge=enlarge))
    assert (turned.size, turned.canvas) == (size[::-1], canvas and canvas[::-1])


@pytest.mark.parametrize(
    ("original", "resize", "size"),
    [
        (WIDE, Resize(width=100), (100, 50)),
        (WIDE, Resize(height=100), (200, 100)),
        (WIDE, Resize(width=100, fit="cover"), (100, 50)),
        (WIDE, Resize(height=100, fit="fill"), (200, 100)),
        (WIDE, Resize(height=100, fit="contain"), (200, 100)),
        (WIDE, Resize(width=100, fit="outside"), (100, 50)),
        (WIDE, Resize(width=500), (400, 200)),
        (WIDE, Resize(height=500, enlarge=True), (1000, 500)),
        (WIDE, Resize(long_edge=100), (100, 50)),
        (TALL, Resize(long_edge=100), (50, 100)),
        (TALL, Resize(long_edge=500), (200, 400)),
        (TALL, Resize(long_edge=500, enlarge=True), (250, 500)),
        ((100, 100), Resize(long_edge=50), (50, 50)),
        (WIDE, Resize(aspect_ratio="1:1", fit="cover"), (200, 200)),
        (TALL, Resize(aspect_ratio="1:1", fit="cover"), (200, 200)),
        (WIDE, Resize(aspect_ratio="4:1", fit="cover"), (400, 100)),
        (WIDE, Resize(aspect_ratio="1:1", fit="contain"), (400, 400)),
        (WIDE, Resize(aspect_ratio="1:4", fit="contain"), (400, 1600)),
        (WIDE, Resize(aspect_ratio="1:1", fit="fill"), (200, 200)),
        (WIDE, Resize(aspect_ratio="1:1", width=90, fit="cover"), (90, 90)),
        (WIDE, Resize(aspect_ratio="16:9", height=90, fit="cover"), (160, 90)),
        (WIDE, Resize(aspect_ratio="16:9", width=160, fit="fill"), (160, 90)),
        (WIDE, Resize(aspect_ratio="1:1", width=90, fit="contain"), (90, 90)),
        (WIDE, Resize(aspect_ratio="1:1", width=100), (100, 50)),
        (WIDE, Resize(aspect_ratio="1:1", width=100, fit="outside"), (200, 100)),
        ((10_000, 1), Resize(width=800, height=800), (800, 1)),
        ((1, 10_000), Resize(width=800, height=800, fit="outside"), (1, 10_000)),
        ((3, 1), Resize(width=1), (1, 1)),
    ],
)
def test_what_is_left_open(original: Size, resize: Resize, size: Size) -> None:
    """A missing side, or a size given only by its ratio, follows from the image."""
    assert planned(original, resize).final == size


def test_no_resize_keeps_the_size() -> None:
    """A rendition without resize has the original's size, at any density."""
    for density in (1, 2):
        geometry = planned((40, 30), None, density)
        assert (geometry.size, geometry.scale, geometry.region) == ((40, 30), 1, WHOLE)


@pytest.mark.parametrize(
    ("resize", "density", "size"),
    [
        (Resize(width=100), 2, (200, 100)),
        (Resize(height=50), 1.5, (150, 75)),
        (Resize(long_edge=100), 4, (400, 200)),
        (Resize(width=100, height=100, fit="cover"), 2, (200, 200)),
        (Resize(width=100, height=100, fit="contain"), 2, (200, 200)),
        (Resize(width=100, height=100, fit="cover"), 3, (200, 200)),
        (Resize(width=150), 4, (400, 200)),
        (Resize(width=150, enlarge=True), 4, (600, 300)),
        (Resize(aspect_ratio="1:1", fit="cover"), 2, (200, 200)),
    ],
)
def test_densities(resize: Resize, density: float, size: Size) -> None:
    """A higher density has more pixels, as far as the original has them."""
    assert planned(WIDE, resize, density).final == size


@pytest.mark.parametrize("position", get_args(Position))
def test_gravity(position: Position) -> None:
    """Gravity determines the part that is kept."""
    x = 0.0 if "left" in position else 0.5 if "right" in position else 0.25
    y = 0.0 if "top" in position else 0.5 if "bottom" in position else 0.25
    square = Resize(width=100, height=100, fit="cover", gravity=position)
    assert planned(WIDE, square).region == (x, 0, x + 0.5, 1)
    assert planned(TALL, square).region == (0, y, 1, y + 0.5)


@pytest.mark.parametrize(
    ("x", "left"), [(0, 0), (0.1, 0), (0.25, 0), (0.4, 0.15), (0.5, 0.25), (0.8, 0.5), (1, 0.5)]
)
def test_a_point_to_keep(x: float, left: float) -> None:
    """The focal point, of the recipe or of ``focus``, is as close to the center as possible."""
    square: dict[str, Any] = {"width": 100, "height": 100, "fit": "cover"}
    expected = pytest.approx((left, 0, left + 0.5, 1))
    focal = Resize(**square, focal_point=Point(x, 0.3))
    assert planned(WIDE, focal).region == expected
    assert (
        planned(WIDE, Resize(**square, gravity="attention"), focal_point=(x, 0.3)).region
        == expected
    )
    # What the recipe says counts more than what was found.
    assert planned(WIDE, focal, focal_point=(0.9, 0.9)).region == expected


@pytest.mark.parametrize(
    ("crop", "region"),
    [
        (Crop(100, 50, 200, 100), (0.25, 0.25, 0.75, 0.75)),
        (Crop(0, 0, 400, 200), WHOLE),
        (Crop(300, 0, 4000, 50), (0.75, 0, 1, 0.25)),
        (Crop(0, 199, 1, 1000), (0, 0.995, 0.0025, 1)),
        (Crop(0.25, 0.25, 0.5, 0.5, "fraction"), (0.25, 0.25, 0.75, 0.75)),
        (Crop(0.5, 0, 1, 1, "fraction"), (0.5, 0, 1, 1)),
        (Crop(0, 0, 1, 1, "fraction"), WHOLE),
    ],
)
def test_crop(crop: Crop, region: Box) -> None:
    """A crop box is in pixels or fractions, and cut off at the edges."""
    geometry = planned(WIDE, crop=crop)
    assert geometry.region == pytest.approx(region)
    across, down = (region[2] - region[0]) * 400, (region[3] - region[1]) * 200
    assert geometry.size == (round(across), round(down))


@pytest.mark.parametrize(
    "crop",
    [
        Crop(400, 0, 10, 10), Crop(0, 200, 10, 10), Crop(9999, 9999, 1, 1),
        Crop(1, 0, 1, 1, "fraction"), Crop(0, 1, 1, 1, "fraction"),
    ],
)  # fmt: skip
def test_a_crop_that_misses_the_image(crop: Crop) -> None:
    """A box outside the image is refused, with the box and the image's size."""
    with pytest.raises(ImageError, match=r"at \(\d+, \d+\) (pixels|fraction), .* 400 x 200"):
        planned(WIDE, crop=crop)


def test_crop_comes_after_trimming() -> None:
    """The crop box is relative to the trimmed region."""
    trimmed = (0.5, 0.5, 1.0, 1.0)
    assert planned(WIDE, trimmed=trimmed).region == trimmed
    assert planned(WIDE, trimmed=trimmed).size == (200, 100)
    geometry = planned(WIDE, trimmed=trimmed, crop=Crop(50, 0, 100, 50))
    assert geometry.region == pytest.approx((0.625, 0.5, 0.875, 0.75))
    with pytest.raises(ImageError, match="200 x 100"):
        planned(WIDE, trimmed=trimmed, crop=Crop(200, 0, 1, 1))


def test_resize_comes_after_cropping() -> None:
    """Resize fits the cropped region, without enlarging it."""
    box = Resize(width=150, height=150, fit="cover")
    geometry = planned(WIDE, box, crop=Crop(200, 100, 200, 100))
    assert geometry.size == (100, 100)
    assert geometry.region == pytest.approx((0.625, 0.5, 0.875, 1))
    assert geometry.scale == 1


@pytest.mark.parametrize("angle", [0, 360, -360])
def test_no_turn(angle: float) -> None:
    """A rotation by 360 degrees is none."""
    assert planned(WIDE, Resize(width=100), rotate=Rotate(angle)) == planned(
        WIDE, Resize(width=100)
    )


@pytest.mark.parametrize(
    ("angle", "region"),
    [(90, (0, 0.75, 1, 1)), (-90, (0, 0, 1, 0.25)), (270, (0, 0, 1, 0.25)), (180, None)],
)
def test_resize_comes_after_a_right_angle(angle: float, region: Box | None) -> None:
    """Resize fits the rotated image: after 90 degrees, its left is the original's bottom."""
    left = Resize(width=25, height=200, fit="cover", gravity="left")
    geometry = planned(WIDE, left, rotate=Rotate(angle))
    if region is None:
        assert geometry.region == (0.9375, 0, 1, 1)
        assert geometry.size == (25, 200)
    else:
        # The turned image is 200 x 400: the box of 25 x 200 is a quarter of its width.
        assert geometry.region == pytest.approx(region)
        assert geometry.size == (200, 25)


@pytest.mark.parametrize("angle", [1, 45, 100, -30])
def test_resize_comes_after_an_odd_angle(angle: float) -> None:
    """The whole image is rotated at a larger size, then cropped and scaled."""
    geometry = planned((4000, 2000), Resize(width=300), rotate=Rotate(angle))
    assert geometry.region == WHOLE
    assert geometry.rotated is not None
    across, down = bounds(4000, 2000, angle)
    assert geometry.final == (300, round(300 * down / across))
    assert geometry.size[0] == pytest.approx(4000 * 2 * 300 / across, abs=1)
    assert geometry.size[0] / geometry.size[1] == pytest.approx(2, rel=0.01)


@given(sides, sides, angles)
def test_bounds(width: int, height: int, angle: float) -> None:
    """The box around a rotated image touches its corners."""
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    corners = [(x * width / 2, y * height / 2) for x, y in itertools.product((-1, 1), repeat=2)]
    xs = [x * cosine - y * sine for x, y in corners]
    ys = [x * sine + y * cosine for x, y in corners]
    assert bounds(width, height, angle) == pytest.approx(
        (max(xs) - min(xs), max(ys) - min(ys)), rel=1e-9, abs=1e-6
    )


@given(sides, sides, boxes, boxes)
def test_cover_keeps_the_shape_of_its_box(width: int, height: int, across: int, down: int) -> None:
    """Cover has the box's shape, lies within the original, and is not enlarged."""
    geometry = planned((width, height), Resize(width=across, height=down, fit="cover"))
    left, top, right, bottom = geometry.region
    assert 0 <= left < right <= 1
    assert 0 <= top < bottom <= 1
    assert 0 < geometry.scale <= 1 + 1e-9
    shown = (right - left) * width / ((bottom - top) * height)
    assert shown == pytest.approx(across / down)
    assert geometry.size[0] <= min(across, max(1, width))
    assert geometry.size[1] <= min(down, max(1, height))


@given(sides, sides, boxes, boxes)
def test_inside_keeps_the_whole_image(width: int, height: int, across: int, down: int) -> None:
    """Inside crops nothing, and fits within its box."""
    geometry = planned((width, height), Resize(width=across, height=down, fit="inside"))
    assert geometry.is_whole
    assert geometry.size[0] <= across
    assert geometry.size[1] <= down


@given(sides, sides, boxes, boxes)
def test_outside_keeps_the_whole_image_around_its_box(
    width: int, height: int, across: int, down: int
) -> None:
    """Outside crops nothing, and encloses its box if the image is large enough."""
    geometry = planned((width, height), Resize(width=across, height=down, fit="outside"))
    assert geometry.is_whole
    assert geometry.size[0] >= min(across, width)
    assert geometry.size[1] >= min(down, height)


fractions = st.integers(0, 20)


@pytest.mark.parametrize("orientation", range(1, 9))
@given(left=fractions, top=fractions, width=st.integers(1, 10), height=st.integers(1, 10))
def test_stored_box(orientation: int, left: int, top: int, width: int, height: int) -> None:
    """A box of the upright image shows the same part in the stored one."""
    down = Image.linear_gradient("L")
    across = down.transpose(Image.Transpose.ROTATE_90)
    image = Image.merge("RGB", (across, down, down)).resize((60, 40))
    box = (left / 40, top / 40, (left + width) / 40, (top + height) / 40)
    turned = stored(image, orientation)
    found = stored_box(box, orientation)

    def cut(image: Image.Image, of: Box) -> Image.Image:
        # In quarters of a pixel every box has whole ones.
        larger = image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST)
        right, bottom = larger.size
        sides = (of[0] * right, of[1] * bottom, of[2] * right, of[3] * bottom)
        return larger.crop(tuple(map(round, sides)))  # type: ignore[arg-type]

    assert cut(turned, found) == stored(cut(image, box), orientation)


def test_within() -> None:
    """Half of a half is a quarter."""
    half = (0.5, 0.0, 1.0, 0.5)
    assert within(WHOLE, half) == half
    assert within(half, WHOLE) == half
    assert within(half, half) == (0.75, 0.0, 1.0, 0.25)
