"""Pictures that are laid over others."""

from dataclasses import replace

import pytest
from PIL import Image

from processor.images import watermark_images as module
from processor.images.errors import ImageError
from processor.images.limits import Limits
from processor.images.watermark_images import (
    KEPT,
    WatermarkImages,
    none,
)
from tests.unit.processor.images.pictures import (
    assert_similar,
    encoded,
    photographed,
    quarters,
)


class Folder:
    """Pictures by their names, and how often each was read."""

    def __init__(self, **files: bytes) -> None:
        self.files = files
        self.reads: list[str] = []

    def read(self, name: str) -> bytes:
        """The bytes of a file."""
        self.reads.append(name)
        return self.files[name]


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def monotonic(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give the clock that watermark_images look at."""
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def logo(color: str = "red") -> bytes:
    """The file of a mark."""
    return encoded(Image.new("RGB", (8, 4), color), "PNG")


def test_marks_are_kept() -> None:
    """A mark is read and decoded once for many pictures."""
    folder = Folder(a=logo(), b=logo("blue"))
    watermark_images = WatermarkImages(folder.read)
    assert watermark_images.picture("a") is watermark_images.picture("a")
    assert watermark_images.picture("b") is not watermark_images.picture("a")
    assert folder.reads == ["a", "b"]


def test_marks_expire(clock: Clock) -> None:
    """A mark that was replaced under its name is seen after a while, and not before."""
    folder = Folder(a=logo("red"))
    watermark_images = WatermarkImages(folder.read, seconds_fresh=60)
    watermark_images.picture("a")
    folder.files["a"] = logo("blue")
    clock.now += 59
    assert watermark_images.picture("a").getpixel((0, 0)) == (255, 0, 0, 255)
    clock.now += 2
    assert watermark_images.picture("a").getpixel((0, 0)) == (0, 0, 255, 255)
    clock.now += 59
    watermark_images.picture("a")
    assert folder.reads == ["a", "a"]


def test_the_oldest_mark_goes_first(clock: Clock) -> None:
    """No more watermark_images are kept than there is room for."""
    names = [f"m{number}" for number in range(KEPT + 1)]
    folder = Folder(**dict.fromkeys(names, logo()))
    watermark_images = WatermarkImages(folder.read)
    for name in names:
        clock.now += 1
        watermark_images.picture(name)
    folder.reads.clear()
    for name in reversed(names):
        clock.now += 1
        watermark_images.picture(name)
    assert folder.reads == ["m0"]


@pytest.mark.parametrize(
    "error", [LookupError("nothing there"), FileNotFoundError("nothing there"), KeyError("a")]
)
def test_a_missing_mark(error: Exception) -> None:
    """A mark that cannot be read fails the picture, says which it was, and tells the log why."""

    def read(_name: str) -> bytes:
        raise error

    with pytest.raises(ImageError, match=r"'logos/a\.png', which the recipe") as refusal:
        WatermarkImages(read).picture("logos/a.png")
    assert refusal.value.code == "missing-watermark"
    assert type(error).__name__ in str(refusal.value.details["reason"])


def test_an_error_that_may_pass_is_raised_as_it_is() -> None:
    """What is not the mark's fault is not blamed on it."""

    def read(_name: str) -> bytes:
        raise RuntimeError("throttled")

    with pytest.raises(RuntimeError, match="throttled"):
        WatermarkImages(read).picture("a")


def test_without_marks_there_are_none() -> None:
    """Callers that give no watermark_images are told so by the error."""
    with pytest.raises(ImageError) as refusal:
        WatermarkImages(none).picture("a.png")
    assert refusal.value.code == "missing-watermark"


@pytest.mark.parametrize(("data", "code"), [(b"", "empty"), (b"text", "unsupported-format")])
def test_a_mark_that_is_no_picture(data: bytes, code: str) -> None:
    """A mark is held against the same rules as originals."""
    with pytest.raises(ImageError) as refusal:
        WatermarkImages(Folder(a=data).read).picture("a")
    assert refusal.value.code == code


def test_a_mark_that_is_too_large() -> None:
    """Limits are checked before a mark is decoded."""
    watermark_images = WatermarkImages(
        Folder(a=logo()).read, limits=replace(Limits(), max_pixels=31)
    )
    with pytest.raises(ImageError) as refusal:
        watermark_images.picture("a")
    assert refusal.value.code == "too-many-pixels"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_marks_are_upright(orientation: int) -> None:
    """A mark from a camera is laid as a person sees it."""
    picture = WatermarkImages(Folder(a=photographed(quarters(), orientation)).read).picture("a")
    assert_similar(picture, quarters(mode="RGBA"), 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_marks_have_alpha(mode: str) -> None:
    """Every kind of pixel becomes RGBA."""
    picture = WatermarkImages(Folder(a=encoded(Image.new(mode, (3, 3)), "PNG")).read).picture("a")
    assert picture.mode == "RGBA"


def test_marks_are_in_srgb(wide_gamut: bytes) -> None:
    """A mark in wide colors looks the same on every picture."""
    image = Image.new("RGBA", (3, 3), (200, 100, 100, 50))
    data = encoded(image, "PNG", icc_profile=wide_gamut)
    red, green, _, alpha = WatermarkImages(Folder(a=data).read).picture("a").getpixel((0, 0))  # type: ignore[misc]
    assert red > 205
    assert green < 100
    assert alpha == 50
