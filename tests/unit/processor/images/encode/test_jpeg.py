"""JPEG encoding."""

import os

import pytest
from PIL import Image, JpegImagePlugin

from processor.images.canvas import Canvas
from processor.images.encode import encode
from processor.images.recipe import Jpeg
from tests.unit.processor.images.sample_images import decoded, difference


def size(image: Image.Image, output: Jpeg) -> int:
    """Return the bytes of the file."""
    return len(encode(Canvas((image,)), output).data)


@pytest.mark.parametrize("progressive", [True, False])
def test_progressive(photograph: Image.Image, *, progressive: bool) -> None:
    """The file is progressive on request."""
    data = encode(Canvas((photograph,)), Jpeg(progressive=progressive)).data
    assert ("progressive" in decoded(data).info) == progressive


@pytest.mark.parametrize(("name", "number"), [("4:4:4", 0), ("4:2:2", 1), ("4:2:0", 2)])
def test_subsampling(photograph: Image.Image, name: str, number: int) -> None:
    """Colors have the requested resolution."""
    back = decoded(encode(Canvas((photograph,)), Jpeg(subsampling=name)).data)  # type: ignore[arg-type]
    assert isinstance(back, JpegImagePlugin.JpegImageFile)
    assert JpegImagePlugin.get_sampling(back) == number


def test_optimize(photograph: Image.Image) -> None:
    """Optimized Huffman tables give a smaller file with the same pixels."""
    plain = encode(Canvas((photograph,)), Jpeg(progressive=False, optimize=False)).data
    small = encode(Canvas((photograph,)), Jpeg(progressive=False)).data
    assert len(small) < len(plain)
    assert decoded(small).tobytes() == decoded(plain).tobytes()


def test_quality(photograph: Image.Image) -> None:
    """Higher quality is closer to the original, and larger."""
    low, high = (encode(Canvas((photograph,)), Jpeg(quality=q)).data for q in (30, 90))
    assert len(low) < len(high) / 2
    assert difference(decoded(high), photograph) < difference(decoded(low), photograph)


def test_gray(photograph: Image.Image) -> None:
    """A gray image has one channel."""
    assert decoded(encode(Canvas((photograph.convert("L"),)), Jpeg()).data).mode == "L"


@pytest.mark.parametrize("quality", [80, 94, 100])
def test_noise(quality: int) -> None:
    """Noise is encoded, though its file exceeds Pillow's buffer for progressive files."""
    noise = Image.frombytes("RGB", (700, 500), os.urandom(700 * 500 * 3))
    output = Jpeg(quality=quality, subsampling="4:4:4")
    assert decoded(encode(Canvas((noise,)), output).data).size == noise.size


def test_broken_image_is_an_error(monkeypatch: pytest.MonkeyPatch, photograph: Image.Image) -> None:
    """An error of the baseline encoding is raised."""

    def fail(*_: object, **__: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(OSError, match="no space"):
        encode(Canvas((photograph,)), Jpeg())
