"""Watermark images: reading, decoding and caching."""

from dataclasses import replace

import pytest
from PIL import Image

from processor.images.errors import ImageError
from processor.images.limits import Limits
from processor.images.recipe import Watermark
from processor.images.steps.text_watermark import draw_text
from processor.images.text.fonts import FOLDER
from processor.images.watermark_images import (
    CACHE_SIZE,
    NO_WATERMARK_IMAGES,
    WatermarkImages,
)
from tests.unit.processor.images.sample_images import (
    assert_similar,
    encoded,
    photographed,
    quarters,
)


class Folder:
    """Files by their names, with a list of reads."""

    def __init__(self, **files: bytes) -> None:
        self.files = files
        self.reads: list[str] = []

    def read(self, name: str) -> bytes:
        """Return the bytes of a file."""
        self.reads.append(name)
        return self.files[name]


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        """Return the time, in seconds."""
        return self.now


def logo(color: str = "red") -> bytes:
    """Return the file of a logo."""
    return encoded(Image.new("RGB", (8, 4), color), "PNG")


def test_images_are_cached() -> None:
    """An image is read and decoded once for many renditions."""
    folder = Folder(a=logo(), b=logo("blue"))
    watermark_images = WatermarkImages(folder.read)
    assert watermark_images.load("a") is watermark_images.load("a")
    assert watermark_images.load("b") is not watermark_images.load("a")
    assert folder.reads == ["a", "b"]


def test_images_expire() -> None:
    """A replaced file is read after ``max_age``."""
    folder, clock = Folder(a=logo("red")), Clock()
    watermark_images = WatermarkImages(folder.read, max_age=60, clock=clock)
    watermark_images.load("a")
    folder.files["a"] = logo("blue")
    clock.now += 59
    assert watermark_images.load("a").getpixel((0, 0)) == (255, 0, 0, 255)
    clock.now += 2
    assert watermark_images.load("a").getpixel((0, 0)) == (0, 0, 255, 255)
    clock.now += 59
    watermark_images.load("a")
    assert folder.reads == ["a", "a"]


def test_the_oldest_image_goes_first() -> None:
    """A full cache drops its oldest image."""
    names = [f"m{number}" for number in range(CACHE_SIZE + 1)]
    folder, clock = Folder(**dict.fromkeys(names, logo())), Clock()
    watermark_images = WatermarkImages(folder.read, clock=clock)
    for name in names:
        clock.now += 1
        watermark_images.load(name)
    folder.reads.clear()
    for name in reversed(names):
        clock.now += 1
        watermark_images.load(name)
    assert folder.reads == ["m0"]


@pytest.mark.parametrize(
    "error", [LookupError("nothing there"), FileNotFoundError("nothing there"), KeyError("a")]
)
def test_a_missing_image(error: Exception) -> None:
    """A file that can't be read is an ``ImageError`` with its name, and the reason for the log."""

    def read(_name: str) -> bytes:
        raise error

    with pytest.raises(ImageError, match=r"image 'logos/a\.png', which the recipe") as refusal:
        WatermarkImages(read).load("logos/a.png")
    assert refusal.value.code == "missing-watermark"
    assert type(error).__name__ in str(refusal.value.details["reason"])


def test_an_error_that_may_pass_is_raised_as_it_is() -> None:
    """Other errors are raised as they are: they may be transient."""

    def read(_name: str) -> bytes:
        raise RuntimeError("throttled")

    with pytest.raises(RuntimeError, match="throttled"):
        WatermarkImages(read).load("a")


def test_without_a_reader() -> None:
    """Without a reader, an image watermark is an ``ImageError``."""
    with pytest.raises(ImageError) as refusal:
        NO_WATERMARK_IMAGES.load("a.png")
    assert refusal.value.code == "missing-watermark"


@pytest.mark.parametrize(("data", "code"), [(b"", "empty"), (b"text", "unsupported-format")])
def test_a_file_that_is_no_image(data: bytes, code: str) -> None:
    """Files are checked like originals."""
    with pytest.raises(ImageError) as refusal:
        WatermarkImages(Folder(a=data).read).load("a")
    assert refusal.value.code == code


def test_an_image_that_is_too_large() -> None:
    """Limits are checked before an image is decoded."""
    watermark_images = WatermarkImages(
        Folder(a=logo()).read, limits=replace(Limits(), max_pixels=31)
    )
    with pytest.raises(ImageError) as refusal:
        watermark_images.load("a")
    assert refusal.value.code == "too-many-pixels"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_upright(orientation: int) -> None:
    """The EXIF orientation is applied."""
    image = WatermarkImages(Folder(a=photographed(quarters(), orientation)).read).load("a")
    assert_similar(image, quarters(mode="RGBA"), 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_images_have_alpha(mode: str) -> None:
    """Every mode is converted to RGBA."""
    image = WatermarkImages(Folder(a=encoded(Image.new(mode, (3, 3)), "PNG")).read).load("a")
    assert image.mode == "RGBA"


def test_images_are_in_srgb(wide_gamut: bytes) -> None:
    """Colors are converted to sRGB."""
    image = Image.new("RGBA", (3, 3), (200, 100, 100, 50))
    data = encoded(image, "PNG", icc_profile=wide_gamut)
    red, green, _, alpha = WatermarkImages(Folder(a=data).read).load("a").getpixel((0, 0))  # type: ignore[misc]
    assert red > 205
    assert green < 100
    assert alpha == 50


THAI = (FOLDER / "NotoSansThai-Regular.ttf").read_bytes()


def test_font() -> None:
    """A font file is used before the bundled ones, and read once."""
    folder = Folder(**{"a.ttf": THAI})
    files = WatermarkImages(folder.read)
    for name in ("a.ttf", "assets/a.ttf"):
        watermark = Watermark(text="ก a", font=name)
        font = files.load_font(watermark)
        assert font.characters >= set("ก")
        assert draw_text(watermark, (300, 200), font).getbbox()
    assert files.load_font(watermark) is font


def test_a_font_without_the_letters() -> None:
    """Letters that neither the font nor the bundled ones have are refused by name."""
    files = WatermarkImages(Folder(**{"a.ttf": THAI}).read)
    with pytest.raises(ImageError, match=r"'a.ttf' nor .* has 日 \(U\+65E5, CJK") as caught:
        files.load_font(Watermark(text="日 a", font="a.ttf"))
    assert caught.value.code == "missing-watermark"


@pytest.mark.parametrize("data", [b"", b"no font", THAI[:100], THAI[:30_000], b"OTTO" + THAI[4:]])
def test_a_broken_font(data: bytes) -> None:
    """A file that is no font is refused, or drawn as far as it goes."""
    files = WatermarkImages(Folder(**{"a.ttf": data}).read)
    try:
        font = files.load_font(Watermark(text="a", font="a.ttf"))
        draw_text(Watermark(text="a", font="a.ttf"), (300, 200), font)
    except ImageError as error:
        assert error.code == "missing-watermark"  # noqa: PT017
        assert "'a.ttf'" in error.message  # noqa: PT017


def test_a_missing_font() -> None:
    """A font that cannot be read is the recipe's fault."""
    with pytest.raises(ImageError, match=r"The font 'a\.ttf', which the recipe names, cannot"):
        WatermarkImages(Folder().read).load_font(Watermark(text="a", font="a.ttf"))
