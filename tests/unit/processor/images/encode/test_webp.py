"""WebP encoding."""

import io

import pytest
from PIL import Image, ImageStat

from processor.images.canvas import Canvas
from processor.images.encode import encode
from processor.images.errors import ImageError
from processor.images.recipe import WebP
from tests.unit.processor.images.sample_images import decoded, difference


def test_quality(photograph: Image.Image) -> None:
    """Higher quality is closer to the original, and larger."""
    low, high = (encode(Canvas((photograph,)), WebP(quality=q)).data for q in (30, 90))
    assert len(low) < len(high) / 2
    assert difference(decoded(high), photograph) < difference(decoded(low), photograph)


@pytest.mark.parametrize("lossless", [True, False])
def test_effort(photograph: Image.Image, *, lossless: bool) -> None:
    """More effort gives a smaller file."""
    sizes = [
        len(encode(Canvas((photograph,)), WebP(effort=effort, lossless=lossless)).data)
        for effort in (0, 4, 6)
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[2] < sizes[0]


def test_lossless(cutout: Image.Image) -> None:
    """Lossless keeps every pixel, except the colors of transparent ones."""
    back = decoded(encode(Canvas((cutout,)), WebP(lossless=True, quality=10)).data)
    assert back.getchannel("A").tobytes() == cutout.getchannel("A").tobytes()
    seen = cutout.getchannel("A").point(lambda alpha: 255 if alpha else 0)
    one, other = (Image.composite(i, Image.new("RGBA", i.size), seen) for i in (cutout, back))
    assert one.tobytes() == other.tobytes()


def test_slow_fade(photograph: Image.Image) -> None:
    """A fade of one level a frame stays within five levels, also behind something that moves."""
    frames = [photograph.point([max(0, tone - n) for tone in range(256)] * 3) for n in range(40)]
    for number, frame in enumerate(frames):
        frame.paste("red", (2 * number, 10, 2 * number + 8, 18))
    data = encode(Canvas(tuple(frames), (40,) * len(frames)), WebP()).data
    animation = Image.open(io.BytesIO(data))
    assert animation.n_frames == len(frames)  # type: ignore[attr-defined]
    for number, frame in enumerate(frames):
        animation.seek(number)
        shown = ImageStat.Stat(animation.convert("RGB").crop((0, 20, *frame.size))).mean
        expected = ImageStat.Stat(frame.crop((0, 20, *frame.size))).mean
        assert shown == pytest.approx(expected, abs=5)


def test_too_long() -> None:
    """An image longer than WebP allows is refused with advice."""
    with pytest.raises(ImageError, match="16384 x 1 pixels; WebP allows 16,383") as caught:
        encode(Canvas((Image.new("L", (16_384, 1)),)), WebP())
    assert caught.value.code == "too-long-side"
    assert encode(Canvas((Image.new("L", (16_383, 1)),)), WebP()).data
