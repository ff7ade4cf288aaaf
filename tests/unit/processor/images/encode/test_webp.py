"""WebP files."""

import pytest
from PIL import Image

from processor.images.canvas import Canvas
from processor.images.encode import encode
from processor.images.errors import ImageError
from processor.images.recipe import WebP
from tests.unit.processor.images.pictures import decoded, difference


def test_quality(photograph: Image.Image) -> None:
    """More quality is nearer to the original, and larger."""
    low, high = (encode(Canvas((photograph,)), WebP(quality=q)).data for q in (30, 90))
    assert len(low) < len(high) / 2
    assert difference(decoded(high), photograph) < difference(decoded(low), photograph)


@pytest.mark.parametrize("lossless", [True, False])
def test_effort(photograph: Image.Image, *, lossless: bool) -> None:
    """More effort makes a smaller file."""
    sizes = [
        len(encode(Canvas((photograph,)), WebP(effort=effort, lossless=lossless)).data)
        for effort in (0, 4, 6)
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[2] < sizes[0]


def test_lossless(cutout: Image.Image) -> None:
    """Without loss every pixel comes back, but the colors of those that are not seen."""
    back = decoded(encode(Canvas((cutout,)), WebP(lossless=True, quality=10)).data)
    assert back.getchannel("A").tobytes() == cutout.getchannel("A").tobytes()
    seen = cutout.getchannel("A").point(lambda alpha: 255 if alpha else 0)
    one, other = (Image.composite(i, Image.new("RGBA", i.size), seen) for i in (cutout, back))
    assert one.tobytes() == other.tobytes()


def test_too_long() -> None:
    """A picture longer than WebP allows is refused with advice."""
    with pytest.raises(ImageError, match="16383 pixels") as caught:
        encode(Canvas((Image.new("L", (16_384, 1)),)), WebP())
    assert caught.value.code == "too-long-side"
    assert encode(Canvas((Image.new("L", (16_383, 1)),)), WebP()).data
