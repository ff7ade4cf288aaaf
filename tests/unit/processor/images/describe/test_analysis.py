"""Analysis of an original."""

import base64
import hashlib
import itertools
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from processor.images.canvas import Canvas
from processor.images.decode.decoder import decode
from processor.images.decode.source import open_source
from processor.images.describe.analysis import (
    COLORS,
    MARGIN,
    Analysis,
    analyze,
    palette,
    perceptual_hash,
    sharpness,
)
from processor.images.describe.thumbhash import thumbhash
from processor.images.recipe import Png, Recipe, Rendition, Resize
from processor.images.steps.standardize import standardize
from tests.unit.processor.images.sample_images import (
    decoded,
    encoded,
    photographed,
    quarters,
    render_file,
)

NAMES = ["coffee.png", "earth.jpg", "flower.jpg", "mountains.jpg", "raccoon.jpg"]
every_photograph = pytest.mark.parametrize("name", NAMES)


def told(data: bytes, **options: Any) -> Analysis:
    """Return the analysis of a file."""
    source = open_source(data)
    return analyze(source, standardize(decode(source, 1.0)), **options)


def distance(one: str, other: str) -> int:
    """Return the number of bits in which two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


@every_photograph
def test_sha256(name: str, sample: Callable[[str], bytes]) -> None:
    """The hash is that of the uploaded file."""
    data = sample(name)
    assert told(data).sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (quarters(), False),
        (quarters(mode="L"), False),
        (quarters(mode="RGBA"), False),
        (Image.new("RGBA", (9, 9), (255, 0, 0, 254)), True),
        (Image.new("LA", (9, 9), (255, 0)), True),
    ],
)
def test_has_alpha(image: Image.Image, expected: bool) -> None:  # noqa: FBT001
    """An alpha channel counts only if a pixel is not opaque."""
    assert told(encoded(image, "PNG")).has_alpha is expected


def test_the_dominant_color_covers_most() -> None:
    """The main colors are ordered by their area."""
    image = Image.new("RGB", (100, 100), "#203040")
    image.paste("#c01020", (0, 0, 100, 30))
    image.paste("#f0e0d0", (0, 0, 100, 10))
    found = told(encoded(image, "PNG"))
    assert found.dominant == found.palette[0] == "#203040"
    assert found.palette[:3] == ["#203040", "#c01020", "#f0e0d0"]


@every_photograph
def test_palette(name: str, sample: Callable[[str], bytes]) -> None:
    """A photograph has a few different colors, as ``#rrggbb``."""
    found = told(sample(name)).palette
    assert 2 <= len(found) <= COLORS
    assert len(set(found)) == len(found)
    assert all(len(bytes.fromhex(each.removeprefix("#"))) == 3 for each in found)


def test_what_cannot_be_seen_has_no_color() -> None:
    """Transparent pixels don't count; an image without others has the color black."""
    image = Image.new("RGBA", (40, 40), (0, 255, 0, 0))
    assert palette(image) == ["#000000"]
    image.paste((200, 0, 0, 255), (0, 0, 8, 8))
    assert palette(image) == ["#c80000"]


def test_colors_are_those_that_are_seen(wide_gamut: bytes) -> None:
    """Colors are in sRGB, whatever the file's color space."""
    image = Image.new("RGB", (9, 9), (200, 100, 100))
    (color,) = told(encoded(image, "PNG", icc_profile=wide_gamut)).palette
    red, green, _ = bytes.fromhex(color[1:])
    assert red > 205
    assert green < 100


@every_photograph
def test_the_hash_stays_when_an_image_is_made_anew(
    name: str, sample: Callable[[str], bytes]
) -> None:
    """Resizing, compression, other formats and a little light change few bits."""
    image = decoded(sample(name)).convert("RGB")
    original = perceptual_hash(image)
    assert len(original) == 16
    small = image.resize((image.width // 5, image.height // 5), Image.Resampling.LANCZOS)
    for changed in (
        small,
        image.resize((300, 300)),
        decoded(encoded(image, "JPEG", quality=20)),
        decoded(encoded(small, "WEBP", quality=30)).convert("RGB"),
        ImageEnhance.Brightness(image).enhance(1.15),
        image.convert("L"),
        image.filter(ImageFilter.GaussianBlur(2)),
    ):
        assert distance(perceptual_hash(changed), original) <= 6


def test_different_images_have_different_hashes(sample: Callable[[str], bytes]) -> None:
    """Two photographs differ in many bits, and so does one from its mirror image."""
    images = [decoded(sample(name)).convert("RGB") for name in NAMES]
    hashes = [perceptual_hash(image) for image in images]
    assert min(distance(*pair) for pair in itertools.combinations(hashes, 2)) > 20
    for image, upright in zip(images, hashes, strict=True):
        mirrored = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        assert distance(perceptual_hash(mirrored), upright) >= 10


def test_the_hash_of_a_ramp() -> None:
    """Each bit tells whether a cell is lighter than its left neighbor, row by row."""
    ramp = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90)
    assert perceptual_hash(ramp) == "f" * 16
    assert perceptual_hash(ramp.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) == "0" * 16
    half = Image.new("L", ramp.size)
    half.paste(ramp.crop((0, 128, 256, 256)), (0, 128))
    # The row above the edge reaches across it: cells overlap.
    assert perceptual_hash(half) == "0" * 6 + "f" * 10
    assert perceptual_hash(half, 0.4) == perceptual_hash(half.crop((102, 102, 154, 154)))


@every_photograph
def test_one_of_two_hashes_stays_when_an_image_is_cropped_a_little(
    name: str, sample: Callable[[str], bytes]
) -> None:
    """That of the whole image, or that without its margin, on either side."""
    image = decoded(sample(name)).convert("RGB")
    width, height = image.size
    hashes = [perceptual_hash(image), perceptual_hash(image, MARGIN)]
    for left, top, right, bottom in ((0.02, 0.03, 0, 0), (0, 0, 0.03, 0.01), (0.02,) * 4):
        cropped = image.crop(
            (
                round(left * width),
                round(top * height),
                round((1 - right) * width),
                round((1 - bottom) * height),
            )
        )
        others = [perceptual_hash(cropped), perceptual_hash(cropped, MARGIN)]
        assert min(distance(one, other) for one in hashes for other in others) <= 8


@every_photograph
def test_blur_makes_less_sharp(name: str, sample: Callable[[str], bytes]) -> None:
    """More blur gives less sharpness."""
    image = decoded(sample(name)).convert("RGB")
    image.thumbnail((256, 256), Image.Resampling.LANCZOS)
    blurred = [image.filter(ImageFilter.GaussianBlur(radius)) for radius in (0, 1, 2, 4, 8)]
    values = [sharpness(each) for each in blurred]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == len(values)
    # As the docstring of the analysis says.
    assert values[0] > 100 > values[3]


def test_sharpness() -> None:
    """Sharpness is the variance of the Laplacian; 0 for one color."""
    assert sharpness(Image.new("RGB", (50, 50), "red")) == 0
    assert sharpness(Image.new("L", (2, 9), 3)) == 0
    # A step of 100 tones: the Laplacian is 100 before it, -100 behind it, and 0 in 6 columns.
    step = Image.new("L", (10, 10), 50)
    step.paste(150, (5, 0, 10, 10))
    assert sharpness(step) == pytest.approx(100**2 * 2 / 8, rel=0.02)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_everything_is_told_of_the_upright_image(
    orientation: int, sample: Callable[[str], bytes]
) -> None:
    """The analysis doesn't depend on the stored orientation."""
    upright = decoded(sample("coffee.png")).convert("RGB").resize((300, 200))
    found, expected = told(photographed(upright, orientation)), told(encoded(upright, "PNG"))
    assert distance(found.phash, expected.phash) <= 1
    assert found.sharpness == pytest.approx(expected.sharpness, rel=0.02)
    # The first bytes of a ThumbHash hold the mean color, the shape and the largest waves.
    one, other = base64.b64decode(found.thumbhash), base64.b64decode(expected.thumbhash)
    assert one[:5] == other[:5]


@every_photograph
def test_results_do_not_depend_on_the_recipe(name: str, sample: Callable[[str], bytes]) -> None:
    """The analysis stays about the same whatever renditions are rendered."""
    data = sample(name)
    found = []
    for width in (20, 300, 5000):
        recipe = Recipe([Rendition("a", Png(), resize=Resize(width=width))])
        analysis = render_file(data, recipe).analysis
        assert analysis is not None
        found.append(analysis)
    for each in found[1:]:
        assert distance(each.phash, found[0].phash) <= 2
        assert each.sharpness == pytest.approx(found[0].sharpness, rel=0.35)
        # Where two colors cover about as much, either may come first.
        ours = bytes.fromhex(each.dominant[1:])
        others = [bytes.fromhex(color[1:]) for color in found[0].palette]
        assert min(max(abs(a - b) for a, b in zip(ours, c, strict=True)) for c in others) <= 16
        assert each.sha256 == found[0].sha256


def test_the_placeholder_is_a_thumbhash() -> None:
    """The placeholder is a ThumbHash in base64."""
    found = told(encoded(quarters(), "PNG"))
    assert base64.b64decode(found.thumbhash, validate=True) == thumbhash(quarters())


def test_of_an_animation_the_first_frame_is_looked_at() -> None:
    """The first frame of an animation is analyzed."""
    frames = (Image.new("RGB", (20, 20), "red"), Image.new("RGB", (20, 20), "blue"))
    source = open_source(encoded(frames[0], "PNG"))
    found = analyze(source, Canvas(frames, durations=(1, 1)))
    assert found.palette == ["#ff0000"]


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])
@pytest.mark.parametrize("size", [(1, 1), (2, 500), (500, 2), (3, 3)])
def test_any_image(mode: str, size: tuple[int, int]) -> None:
    """Tiny and thin images of every mode are analyzed."""
    source = open_source(encoded(quarters(), "PNG"))
    found = analyze(source, Canvas((Image.new(mode, size, "#c04020"),)))
    assert found.sharpness == 0
    assert msgspec.json.decode(msgspec.json.encode(found), type=Analysis) == found


def test_photo_and_place(sample: Callable[[str], bytes]) -> None:
    """EXIF facts are included; the location only with ``gps``."""
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)}
    data = encoded(quarters(), "JPEG", exif=exif)
    without, place = told(data), told(data, gps=True)
    assert without.exif is not None
    assert (without.exif.make, without.exif.place) == ("Camera", None)
    assert b"latitude" not in msgspec.json.encode(without)
    assert place.exif is not None
    assert place.exif.place is not None
    assert (place.exif.place.latitude, place.exif.place.longitude) == (52.52, 13.405)
    assert told(sample("coffee.png")).exif is None
