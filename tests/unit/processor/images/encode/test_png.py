"""PNG encoding."""

import io
import itertools
import random

import pytest
from PIL import Image, ImageDraw, ImageFilter

from processor.images.canvas import Canvas
from processor.images.encode import encode
from processor.images.encode.png_filters import Strip, filtered
from processor.images.encode.png_rows import (
    METHODS,
    bands,
    stream_of,
)
from processor.images.recipe import Png
from tests.unit.processor.images.sample_images import (
    decoded,
    difference,
    encoded,
)


def written(image: Image.Image, output: Png | None = None) -> Image.Image:
    """Return the image after encoding and decoding, with its checksums verified."""
    data = encode(Canvas((image,)), output or Png()).data
    Image.open(io.BytesIO(data)).verify()
    return decoded(data)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (7, 3), (255, 131), (700, 500)])
@pytest.mark.parametrize("content", ["noise", "soft", "flat"])
def test_exact(mode: str, size: tuple[int, int], content: str) -> None:
    """Every visible pixel is the same after decoding."""
    count = size[0] * size[1] * len(mode)
    image = Image.frombytes(mode, size, random.Random(count).randbytes(count))
    if content == "soft":
        image = image.filter(ImageFilter.GaussianBlur(3))
    elif content == "flat":
        image = image.resize((1, 1)).resize(size)
    if mode == "RGBA":
        image.paste((0, 0, 0, 0), mask=image.getchannel("A").point([255] + [0] * 255))
    back = written(image)
    assert back.convert(mode).tobytes() == image.tobytes()
    assert (
        "A" not in mode or back.mode == "RGBA" or image.getchannel("A").getextrema() == (255, 255)
    )


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("way", METHODS, ids=lambda way: f"{way.filter}-{way.strategy}")
def test_every_way_is_exact(
    photograph: Image.Image, mode: str, way: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each filter is lossless, also across strips."""
    monkeypatch.setattr("processor.images.encode.png_rows.METHODS", (way,))
    monkeypatch.setattr("processor.images.encode.png_rows.STRIP", 300 * 7)
    image = photograph.convert(mode)
    if mode == "RGBA":
        image.putalpha(photograph.convert("L"))
    assert written(image).tobytes() == image.tobytes()


@pytest.mark.parametrize("name", ["none", "sub", "up", "average", "adaptive"])
def test_rows_do_not_depend_on_strips(photograph: Image.Image, name: str) -> None:
    """A row is filtered by the one above, inside and outside its strip."""
    whole = bytes(filtered(Strip(photograph, 0), name))  # type: ignore[arg-type]
    lower = Strip(photograph.crop((0, 99, 300, 200)), 1)
    assert whole[-100 * 901 :] == bytes(filtered(lower, name))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["photograph", "cutout", "drawing"])
def test_size(name: str, request: pytest.FixtureRequest) -> None:
    """Files are at most a little larger than Pillow's."""
    image = request.getfixturevalue(name)
    assert len(encode(Canvas((image,)), Png()).data) < 1.05 * len(encoded(image, "PNG"))


@pytest.mark.parametrize("name", ["photograph", "cutout", "drawing"])
def test_trial_picks_well(name: str, request: pytest.FixtureRequest) -> None:
    """The method that the trial chooses is about as good as the best."""
    image = request.getfixturevalue(name)
    best = min(len(stream_of([Strip(image, 0)], way)) for way in METHODS)
    assert len(encode(Canvas((image,)), Png()).data) < 1.06 * best


def test_bands() -> None:
    """The trial samples rows from top to bottom, and all rows of a small image."""
    tall = Image.linear_gradient("L").resize((3, 1000))
    tones = [strip.image.tobytes()[15] for strip in bands(tall, 8)]
    assert tones == sorted(set(tones))
    assert tones[0] == pytest.approx(32, abs=4)
    assert tones[-1] == pytest.approx(224, abs=4)
    assert [strip.image.size for strip in bands(tall.resize((3, 20)), 8)] == [(3, 20)]


def test_gray_stays_gray(photograph: Image.Image) -> None:
    """Gray images have one channel, even if they are RGB with few tones."""
    assert written(photograph.convert("L")).mode == "L"
    assert written(photograph.convert("L").convert("RGB")).mode == "L"


def test_opaque_alpha_is_left_out(photograph: Image.Image) -> None:
    """A fully opaque alpha channel is omitted."""
    assert written(photograph.convert("RGBA")).mode == "RGB"


@pytest.mark.parametrize(
    ("colors", "bits"), [(2, 1), (3, 2), (4, 2), (5, 4), (16, 4), (17, 8), (200, 8), (256, 8)]
)
@pytest.mark.parametrize("width", [256, 257, 263])
def test_few_colors(colors: int, bits: int, width: int) -> None:
    """An image of few colors gets a palette with as few bits a pixel as possible, without loss."""
    image = Image.new("RGB", (width, 9))
    for x, y in itertools.product(range(width), range(9)):
        number = (x + 37 * y) % colors
        image.putpixel((x, y), (number, 255 - number, number * 7 % 256))
    data = encode(Canvas((image,)), Png()).data
    assert data[24] == bits  # IHDR: the bit depth
    assert decoded(data).mode == "P"
    assert decoded(data).convert("RGB").tobytes() == image.tobytes()


@pytest.mark.parametrize("colors", [2, 7, 16, 100, 256])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("dither", [True, False])
def test_colors(cutout: Image.Image, colors: int, mode: str, *, dither: bool) -> None:
    """At most ``colors`` colors are left."""
    back = written(cutout.convert(mode), Png(colors=colors, dither=dither))
    assert back.mode == "P"
    assert len(back.convert("RGBA").getcolors() or [0] * 999) <= colors
    assert back.getpalette() is not None
    assert len(back.getpalette() or ()) <= 3 * colors


def test_more_colors_are_nearer(photograph: Image.Image) -> None:
    """Each doubling of the colors is closer to the original."""
    distances = [
        difference(written(photograph, Png(colors=colors, dither=False)).convert("RGB"), photograph)
        for colors in (8, 32, 128, 256)
    ]
    assert distances == sorted(distances, reverse=True)
    assert distances[-1] < 5


def test_dither(photograph: Image.Image) -> None:
    """Dithering is farther from the original in each pixel, and closer in the mean of several."""
    plain, dithered = (
        written(photograph, Png(colors=16, dither=dither)).convert("RGB")
        for dither in (False, True)
    )
    blur = ImageFilter.GaussianBlur(2)
    assert difference(dithered, photograph) > difference(plain, photograph)
    blurred = photograph.filter(blur)
    assert (
        difference(dithered.filter(blur), blurred) < difference(plain.filter(blur), blurred) / 1.5
    )


def test_colors_with_holes(photograph: Image.Image) -> None:
    """Fully transparent parts are kept exactly, and the rest is dithered."""
    mask = Image.new("L", photograph.size)
    ImageDraw.Draw(mask).ellipse((40, 20, 250, 180), fill=255)
    photograph.putalpha(mask)
    back = written(photograph, Png(colors=16)).convert("RGBA")
    assert back.getchannel("A").tobytes() == mask.tobytes()


def test_soft_transparency_with_colors(cutout: Image.Image) -> None:
    """A palette can hold half-transparent colors."""
    back = written(cutout, Png(colors=256)).convert("RGBA")
    assert difference(back.getchannel("A"), cutout.getchannel("A")) < 12


def test_animation_with_colors(moving: tuple[Image.Image, ...]) -> None:
    """The frames of an animation share one palette."""
    data = encode(Canvas(moving, (100,) * 4), Png(colors=8)).data
    assert data.count(b"PLTE") == 1
    assert decoded(data).mode == "P"
