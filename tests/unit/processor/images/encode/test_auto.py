"""Automatic output format."""

from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from processor.images.canvas import Canvas
from processor.images.encode import choose
from processor.images.encode.auto import is_graphic
from processor.images.recipe import Auto, Jpeg, Png, WebP
from tests.unit.processor.images.sample_images import decoded, encoded

PHOTOGRAPHS = ("coffee.png", "earth.jpg", "flower.jpg", "mountains.jpg", "raccoon.jpg")


def text(mode: str = "RGB", size: tuple[int, int] = (900, 700)) -> Image.Image:
    """Return a page of text."""
    image = Image.new(mode, size, "white")
    draw = ImageDraw.Draw(image)
    for top in range(40, size[1] - 40, 34):
        draw.text((40, top), "The quick brown fox jumps over the lazy dog. " * 3, fill="black",
                  font=ImageFont.load_default(22))  # fmt: skip
    return image


def badge() -> Image.Image:
    """Return a round logo with transparent corners."""
    image = Image.new("RGBA", (800, 800))
    ImageDraw.Draw(image).ellipse((40, 40, 760, 760), fill=(255, 100, 0, 255))
    ImageDraw.Draw(image).rectangle((300, 300, 500, 500), fill=(0, 40, 90, 200))
    return image.resize((200, 200), Image.Resampling.LANCZOS)


def ball() -> Image.Image:
    """Return a softly shaded ball."""
    tones = Image.radial_gradient("L").resize((400, 400))
    mask = Image.new("L", (400, 400))
    ImageDraw.Draw(mask).ellipse((0, 0, 399, 399), fill=255)
    image = Image.new("RGB", (700, 700), "#88ccee")
    image.paste(ImageOps.colorize(tones, "#ffeedd", "#aa2200"), (150, 150), mask)
    return image


@pytest.mark.parametrize("name", PHOTOGRAPHS)
@pytest.mark.parametrize("width", [2000, 800, 200, 64])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_photographs(sample: Callable[[str], bytes], name: str, width: int, mode: str) -> None:
    """Photographs become JPEG at any size."""
    image = ImageOps.exif_transpose(decoded(sample(name))).convert(mode)
    canvas = Canvas((ImageOps.contain(image, (width, width)),))
    assert choose(canvas, Auto(quality=71)) == Jpeg(quality=71)


def test_thing_before_a_wall(sample: Callable[[str], bytes]) -> None:
    """A photographed object on a white background becomes JPEG, though most of it is flat."""
    image = Image.new("RGB", (900, 900), "white")
    thing = decoded(sample("raccoon.jpg")).resize((450, 340))
    mask = Image.new("L", thing.size)
    ImageDraw.Draw(mask).ellipse((8, 8, 440, 330), fill=255)
    image.paste(thing, (225, 280), mask.filter(ImageFilter.GaussianBlur(2)))
    assert not is_graphic(image)


@pytest.mark.parametrize(
    "image",
    [text(), text("L"), text().resize((300, 233)), badge(), ball(), Image.new("RGB", (50, 50)),
     Image.linear_gradient("L").resize((600, 400)), decoded(encoded(text(), "JPEG", quality=90))],
    ids=["text", "gray", "small", "badge", "ball", "plain", "gradient", "jpeg"],
)  # fmt: skip
def test_graphics(image: Image.Image) -> None:
    """Texts, logos and gradients become PNG, even if they were JPEG before."""
    assert choose(Canvas((image,)), Auto()) == Png()


def test_transparent_photograph(cutout: Image.Image) -> None:
    """A photograph with transparent parts becomes WebP."""
    assert choose(Canvas((cutout,)), Auto(quality=55)) == WebP(quality=55)


def test_opaque_alpha(photograph: Image.Image) -> None:
    """A fully opaque alpha channel doesn't count."""
    assert choose(Canvas((photograph.convert("RGBA"),)), Auto()) == Jpeg()


def test_animation(moving: tuple[Image.Image, ...]) -> None:
    """Animations become WebP, graphics and photographs alike."""
    assert choose(Canvas(moving, (100,) * 4), Auto()) == WebP(quality=82)


@pytest.mark.parametrize("name", ["photograph", "cutout", "drawing"])
def test_passes_on(name: str, request: pytest.FixtureRequest) -> None:
    """The chosen format keeps the other options."""
    asked = Auto(max_bytes=9999, metadata="keep", gps=True)
    chosen = choose(Canvas((request.getfixturevalue(name),)), asked)
    assert (chosen.max_bytes, chosen.metadata, chosen.gps) == (9999, "keep", True)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 2)])
def test_tiny(size: tuple[int, int]) -> None:
    """Images with one pixel, row or column have a format too."""
    assert choose(Canvas((Image.new("RGB", size),)), Auto()) in (Png(), Jpeg())
