"""ThumbHash placeholders."""

from collections.abc import Callable

import pytest
from PIL import Image, ImageStat

from processor.images.describe.thumbhash import SAMPLE_EDGE, thumbhash
from tests.unit.processor.images.sample_images import decoded

Pixel = tuple[int, int, int, int]
Draw = Callable[[int, int], Pixel]

# Made with rgbaToThumbHash of the npm package thumbhash 0.1.1, by the format's author.
VECTORS: dict[str, tuple[int, int, Draw, str]] = {
    "gradient": (
        32, 20, lambda x, y: (x * y % 256, y * 12, 255 - x * x % 200, 255),
        "dfd50d4c8e877877708878867886317026f447",
    ),
    "portrait": (
        12, 30, lambda x, y: (y * 8, 40 + x * 10, x * y * 7 % 256, 255),
        "da270a231863707787768776d890bb0877",
    ),
    "square": (
        24, 24, lambda x, y: ((x * 37 + y * 91) % 256, (x * 53 + y * 17) % 256, x * y % 256, 255),
        "1cf905370231757870997794585859788777f7fbb78f6303",
    ),
    "fading": (
        32, 16, lambda x, y: (x * 8, x * y % 256, y * 16, (x * x + y * 13) % 256),
        "5c47862b88177088909a97608f06ebb856440132667877",
    ),
    "holes": (
        15, 25, lambda x, y: (x * x % 256, y * 10, (200 + x * y) % 256, x * y * 3 % 256),
        "9c9785130a16f2c2d59686818006fc5730536198834959",
    ),
    "contrast": (
        30, 21,
        lambda x, y: (
            (x * y % 30, 3, y * y % 23, 255) if x < 17 else (255, 250 - x * y % 40, 240, 255)
        ),
        "1b18260582906a977788877787778777808a0a7867",
    ),
    "clear": (
        6, 3, lambda _x, _y: (9, 9, 9, 0),
        "0008820380000000000000000000000000000000000000",
    ),
}  # fmt: skip

# The heads alone, of images of one color: what follows is rounding error, and shows nothing.
FLAT: dict[str, tuple[int, int, Draw, str]] = {
    "flat": (5, 5, lambda _x, _y: (120, 200, 40, 255), "9e6b01"),
    "pixel": (1, 1, lambda _x, _y: (255, 0, 0, 255), "d5fb2b"),
}


def drawn(width: int, height: int, draw: Draw) -> Image.Image:
    """Return an image from a function of x and y."""
    pixels = [draw(x, y) for y in range(height) for x in range(width)]
    return Image.frombytes("RGBA", (width, height), bytes(c for pixel in pixels for c in pixel))


def average(made: bytes) -> tuple[float, float, float, float]:
    """Return the mean color and opacity, 0 to 1, as the format's thumbHashToAverageRGBA."""
    head = int.from_bytes(made[:3], "little")
    lightness, p, q = (head & 63) / 63, (head >> 6 & 63) / 31.5 - 1, (head >> 12 & 63) / 31.5 - 1
    blue = lightness - 2 / 3 * p
    red = (3 * lightness - blue + q) / 2
    red, green, blue = (min(1, max(0, channel)) for channel in (red, red - q, blue))
    return red, green, blue, (made[5] & 15) / 15 if head >> 23 else 1.0


def shape(made: bytes) -> float:
    """Return the approximate aspect ratio, as the format's thumbHashToApproximateAspectRatio."""
    has_alpha, is_landscape = made[2] & 0x80, made[4] & 0x80
    most = 5 if has_alpha else 7
    return most / (made[3] & 7) if is_landscape else (made[3] & 7) / most


@pytest.mark.parametrize("name", VECTORS)
def test_vectors(name: str) -> None:
    """Each hash equals that of the reference implementation, bit for bit."""
    width, height, draw, expected = VECTORS[name]
    assert thumbhash(drawn(width, height, draw)).hex() == expected


@pytest.mark.parametrize("name", FLAT)
def test_flat_images(name: str) -> None:
    """The header, with the mean color, equals that of the reference implementation."""
    width, height, draw, expected = FLAT[name]
    assert thumbhash(drawn(width, height, draw)).hex()[: len(expected)] == expected


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "LA", "1"])
def test_modes(mode: str) -> None:
    """An image of any mode has the hash of the same image as RGBA."""
    image = drawn(30, 20, lambda x, y: (x * 8, x * 8, y * 12, 255)).convert("RGB").convert(mode)
    assert thumbhash(image) == thumbhash(image.convert("RGBA"))


@pytest.mark.parametrize("name", ["coffee.png", "earth.jpg", "flower.jpg", "mountains.jpg"])
def test_photographs(name: str, sample: Callable[[str], bytes]) -> None:
    """The mean color and shape of a photograph can be read from its hash of 25 bytes."""
    image = decoded(sample(name)).convert("RGB")
    made = thumbhash(image)
    assert len(made) <= 25
    red, green, blue, alpha = average(made)
    mean = [channel / 255 for channel in ImageStat.Stat(image).mean]
    assert [red, green, blue] == pytest.approx(mean, abs=0.03)
    assert alpha == 1
    assert shape(made) == pytest.approx(image.width / image.height, rel=0.2)


@pytest.mark.parametrize("size", [(1, 1), (1, 1000), (1000, 1), (3, 2), (33, 32)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_any_size(size: tuple[int, int], mode: str) -> None:
    """Images of any size and shape have a hash with their color."""
    made = thumbhash(Image.new(mode, size, "#c04020"))
    assert average(made) == pytest.approx((0xC0 / 255, 0x40 / 255, 0x20 / 255, 1), abs=0.03)
    ratio = min(7, max(1 / 7, size[0] / size[1]))
    assert shape(made) == pytest.approx(ratio, rel=0.1)


def test_large_images_are_looked_at_small(sample: Callable[[str], bytes]) -> None:
    """The hash of a photograph is that of its small copy."""
    image = decoded(sample("coffee.png")).convert("RGBA")
    small = image.copy()
    small.thumbnail((SAMPLE_EDGE, SAMPLE_EDGE), Image.Resampling.BOX)
    assert thumbhash(image) == thumbhash(small)


def test_half_transparent() -> None:
    """The hash keeps the opacity, and transparent pixels don't affect its color."""
    image = Image.new("RGBA", (20, 20), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 10, 20))
    red, green, blue, alpha = average(thumbhash(image))
    assert (red, green, blue) == pytest.approx((1, 0, 0), abs=0.03)
    assert alpha == pytest.approx(0.5, abs=0.05)
