"""Properties of all images and recipes."""

import io
import math
from functools import cache
from typing import Literal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from processor.images.errors import ImageError
from processor.images.limits import Limits
from processor.images.recipe import (
    Auto,
    Avif,
    Gif,
    Jpeg,
    Output,
    Png,
    Recipe,
    Rendition,
    Resize,
    WebP,
)
from processor.images.recipe.shape import Corners, Crop, Pad, Point, Rotate, Trim
from processor.images.render import Rendered
from tests.profiles import examples
from tests.unit.processor.images.sample_images import encoded, quarters, render_file

LIMITS = Limits(max_output_pixels=200_000)
"""So that a rendition that is enlarged a lot is refused instead of taking long."""

CHECKED = settings(
    max_examples=examples(400),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)

MODES = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "JPEG": ("L", "RGB", "CMYK"),
    "WEBP": ("RGB", "RGBA"),
    "TIFF": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "LAB", "I;16", "I", "F"),
    "GIF": ("L", "P", "RGBA"),
    "BMP": ("1", "L", "P", "RGB"),
}

Fit = Literal["cover", "contain", "fill", "inside", "outside"]

sides = st.integers(1, 90)
fractions = st.floats(0, 1)
colors = st.sampled_from(["#000000", "#ffffff80", "#12345600"])


@cache
def original(format_name: str, mode: str, width: int, height: int, orientation: int) -> bytes:
    """Return a file of four colors that is stored with this EXIF orientation."""
    image = quarters(max(2, width), max(2, height)).crop((0, 0, width, height))
    if mode == "I;16":
        image = image.convert("L").convert("I").point(lambda tone: tone * 257).convert(mode)
    else:
        image = image.convert("L").convert(mode) if mode in ("I", "F") else image.convert(mode)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"exif": exif} if format_name in ("JPEG", "PNG", "WEBP") else {}
    return encoded(image, format_name, **options)


@st.composite
def originals(draw: st.DrawFn) -> bytes:
    """Files of any format, mode, size and orientation."""
    format_name = draw(st.sampled_from(list(MODES)))
    mode = draw(st.sampled_from(MODES[format_name]))
    return original(format_name, mode, draw(sides), draw(sides), draw(st.integers(1, 8)))


@st.composite
def resizes(draw: st.DrawFn) -> Resize:
    """All valid resizes."""
    kind = draw(st.sampled_from(["width", "height", "both", "long", "ratio", "width ratio"]))
    size = {
        "width": {"width": draw(sides)},
        "height": {"height": draw(sides)},
        "both": {"width": draw(sides), "height": draw(sides)},
        "long": {"long_edge": draw(sides)},
    }.get(kind, {"width": draw(sides)} if kind == "width ratio" else {})
    ratio = None
    if kind.endswith("ratio"):
        ratio = f"{draw(st.integers(1, 20))}:{draw(st.integers(1, 20))}"
    alone: tuple[Fit, ...] = ("cover", "contain", "fill")
    fit = draw(st.sampled_from(alone if kind == "ratio" else (*alone, "inside", "outside")))
    positions = ["center", "top-left", "bottom", "right"]
    smart = ["entropy", "attention", "face", "subject"] if fit == "cover" else []
    points = st.none() | st.builds(Point, x=fractions, y=fractions)
    return Resize(
        **size,
        aspect_ratio=ratio,
        fit=fit,
        gravity=draw(st.sampled_from([*positions, *smart])),
        focal_point=draw(points) if fit == "cover" else None,
        background=draw(colors),
        enlarge=draw(st.booleans()),
        kernel=draw(st.sampled_from(["lanczos3", "mitchell", "nearest"])),
    )


def maybe[T](strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    """The strategy's values or None, equally often."""
    return st.none() | strategy


crops = st.builds(
    Crop,
    left=st.floats(0, 40),
    top=st.floats(0, 40),
    width=st.floats(0.01, 90),
    height=st.floats(0.01, 90),
    unit=st.just("pixels"),
) | st.builds(
    Crop,
    left=st.floats(0, 0.99),
    top=st.floats(0, 0.99),
    width=st.floats(0.001, 2),
    height=st.floats(0.001, 2),
    unit=st.just("fraction"),
)
outputs: st.SearchStrategy[Output] = (
    st.builds(Jpeg, quality=st.integers(1, 100), progressive=st.booleans())
    | st.builds(Png, colors=maybe(st.integers(2, 256)), dither=st.booleans())
    | st.builds(WebP, quality=st.integers(1, 100), lossless=st.booleans(), effort=st.just(0))
    | st.builds(Gif, colors=st.integers(2, 256), dither=st.booleans())
    | st.builds(Avif, quality=st.integers(1, 100), speed=st.just(10))
    | st.builds(Auto, quality=st.integers(1, 100))
)
margins = st.integers(0, 5)
turns = st.builds(
    Rotate,
    angle=st.sampled_from([0.0, 90.0, 180.0, -90.0, 270.0]) | st.floats(-360, 360),
    background=colors,
)
pads = st.builds(
    Pad, top=margins, right=margins, bottom=margins, left=margins, color=st.just("#123456")
)
renditions = st.builds(
    Rendition,
    name=st.just("a"),
    output=outputs,
    densities=st.sampled_from([(1.0,), (1.0, 2.0), (1.5,)]),
    trim=maybe(st.builds(Trim, tolerance=st.integers(0, 255))),
    crop=maybe(crops),
    rotate=maybe(turns),
    resize=maybe(resizes()),
    flip=st.booleans(),
    flop=st.booleans(),
    corners=maybe(st.builds(Corners, radius=st.floats(0.1, 100))),
    pad=maybe(pads),
)


def rendered(data: bytes, rendition: Rendition) -> Rendered:
    """Return all densities of a rendition; refused images are no examples."""
    try:
        return render_file(data, Recipe([rendition], analysis=False), LIMITS)
    except ImageError:
        assume(condition=False)
        raise


@CHECKED
@given(originals(), renditions)
def test_nothing_but_an_image_error_is_raised(data: bytes, rendition: Rendition) -> None:
    """Any valid recipe renders any image, or raises an ``ImageError``."""
    try:
        render_file(data, Recipe([rendition]), LIMITS)
    except ImageError as error:
        assert error.code in ("crop-outside", "too-large-rendition", "cannot-fit")  # noqa: PT017


@CHECKED
@given(originals(), renditions)
def test_files_are_what_they_are_said_to_be(data: bytes, rendition: Rendition) -> None:
    """Each file has the reported width, height and type."""
    for each in rendered(data, rendition).renditions:
        with Image.open(io.BytesIO(each.data)) as image:
            image.load()
            assert image.size == (each.width, each.height)
            assert image.get_format_mimetype() == each.content_type


@CHECKED
@given(originals(), renditions)
def test_the_same_image_gives_the_same_files(data: bytes, rendition: Rendition) -> None:
    """Rendering again gives the same bytes."""
    one, other = rendered(data, rendition), rendered(data, rendition)
    assert [each.data for each in one.renditions] == [each.data for each in other.renditions]


@CHECKED
@given(originals(), resizes())
def test_renditions_have_the_size_that_was_asked_for(data: bytes, resize: Resize) -> None:
    """``cover`` has the box's shape, ``inside`` fits in it, and nothing is enlarged by default."""
    result = rendered(data, Rendition("a", Png(), resize=resize))
    width, height = result.header.width, result.header.height
    (each,) = result.renditions
    box_width, box_height = box(width, height, resize)
    if resize.fit == "contain":
        assert each.width == pytest.approx(box_width, abs=0.51) or each.width == 1
        assert each.height == pytest.approx(box_height, abs=0.51) or each.height == 1
        return
    if not resize.enlarge:
        assert each.width <= width
        assert each.height <= height
    if resize.fit in ("cover", "inside"):
        assert each.width <= max(1, math.ceil(box_width))
        assert each.height <= max(1, math.ceil(box_height))
    if resize.fit in ("cover", "fill") and (resize.enlarge or larger(width, height, resize)):
        assert each.width == pytest.approx(box_width, abs=0.51) or each.width == 1
        assert each.height == pytest.approx(box_height, abs=0.51) or each.height == 1
    if resize.fit == "cover":
        shape = box_width / box_height
        assert abs(each.width - each.height * shape) <= 0.51 * (1 + shape) or 1 in (
            each.width,
            each.height,
        )
    if resize.fit in ("inside", "outside"):
        scale = each.width / width
        assert each.height == pytest.approx(height * scale, abs=0.51 * (1 + height / width)) or (
            1 in (each.width, each.height)
        )


def box(width: int, height: int, resize: Resize) -> tuple[float, float]:
    """Return the box that a recipe asks for, for an original of this size."""
    if resize.long_edge:
        return resize.long_edge, resize.long_edge
    ratio = width / height
    if resize.aspect_ratio:
        across, down = map(int, resize.aspect_ratio.split(":"))
        ratio = across / down
    if resize.width and resize.height:
        return resize.width, resize.height
    if resize.width:
        return resize.width, resize.width / ratio
    if resize.height:
        return resize.height * ratio, resize.height
    choose = max if resize.fit == "contain" else min
    return choose(width, height * ratio), choose(height, width / ratio)


def larger(width: int, height: int, resize: Resize) -> bool:
    """Whether the original is at least as large as the box in both directions."""
    across, down = box(width, height, resize)
    return width >= across and height >= down


@CHECKED
@given(originals(), pads, turns)
def test_margins_and_turns_add_up(data: bytes, pad: Pad, turn: Rotate) -> None:
    """A right angle exchanges width and height, a half turn does not; padding is added."""
    assume(turn.angle % 90 == 0)
    result = rendered(data, Rendition("a", Png(), rotate=turn, pad=pad))
    size = result.header.width, result.header.height
    width, height = size if turn.angle % 180 == 0 else size[::-1]
    (each,) = result.renditions
    assert each.width == width + pad.left + pad.right
    assert each.height == height + pad.top + pad.bottom
