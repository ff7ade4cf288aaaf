"""Encoding within ``max_bytes``."""

import msgspec
import pytest
from PIL import Image

from processor.images.canvas import Canvas
from processor.images.encode import encode
from processor.images.encode.fitting import fallbacks, fit
from processor.images.encode.formats import Format, write
from processor.images.encode.metadata import NOTHING, FileMetadata
from processor.images.errors import ImageError
from processor.images.recipe import Auto, Avif, Gif, Jpeg, Output, Png, WebP

LOSSY = (Jpeg(quality=90), WebP(quality=90), Avif(quality=90, speed=9))


def size(image: Image.Image, output: Output) -> int:
    """Return the bytes of the file."""
    return len(encode(Canvas((image,)), output).data)


@pytest.mark.parametrize("output", LOSSY)
@pytest.mark.parametrize("part", [0.9, 0.5, 0.2])
def test_quality_is_lowered(photograph: Image.Image, output: Jpeg, part: float) -> None:
    """The file fits, and with the next higher quality it would not."""
    limit = round(part * size(photograph, output))
    limited = msgspec.structs.replace(output, max_bytes=limit)
    data = encode(Canvas((photograph,)), limited).data
    assert len(data) <= limit
    sizes = [size(photograph, msgspec.structs.replace(output, quality=q)) for q in range(10, 91)]
    assert len(data) >= 0.99 * max(each for each in sizes if each <= limit)


@pytest.mark.parametrize("output", [*LOSSY, Png(), Gif(), Auto()])
def test_what_fits_is_left_alone(photograph: Image.Image, output: Output) -> None:
    """A file that is small enough keeps its quality."""
    limit = size(photograph, output)
    limited = msgspec.structs.replace(output, max_bytes=limit)
    assert encode(Canvas((photograph,)), limited) == encode(Canvas((photograph,)), output)


@pytest.mark.parametrize(
    ("full", "reduced"),
    [(Png(), Png(colors=256)), (Png(), Png(colors=16)), (Gif(), Gif(colors=4))],
)
def test_colors_are_reduced(photograph: Image.Image, full: Output, reduced: Output) -> None:
    """Formats without quality lose colors, as few as possible."""
    data = encode(Canvas((photograph,)), reduced).data
    limited = msgspec.structs.replace(full, max_bytes=len(data))
    assert encode(Canvas((photograph,)), limited).data == data


def test_auto(photograph: Image.Image) -> None:
    """The automatic format keeps the limit."""
    assert size(photograph, Auto(max_bytes=5000)) <= 5000


@pytest.mark.parametrize(
    "output", [Jpeg(), Png(), WebP(), WebP(lossless=True), Avif(speed=10), Gif()]
)
def test_cannot_fit(photograph: Image.Image, output: Output) -> None:
    """A file that can't be reduced that far is refused, with the smallest size and advice."""
    with pytest.raises(ImageError, match="Choose a smaller resize, or raise max_bytes") as caught:
        encode(Canvas((photograph,)), msgspec.structs.replace(output, max_bytes=256))
    assert caught.value.code == "cannot-fit"
    smallest = caught.value.details["smallest"]
    assert str(smallest) in caught.value.message
    assert isinstance(smallest, int)
    assert size(photograph, msgspec.structs.replace(output, max_bytes=smallest)) == smallest
    assert ("lossless" in caught.value.message) == (output == WebP(lossless=True))


def test_few_encodes(photograph: Image.Image) -> None:
    """The binary search takes at most 8 encodings."""
    tried: list[Format] = []

    def note(canvas: Canvas, output: Format, metadata: FileMetadata) -> bytes:
        tried.append(output)
        return write(canvas, output, metadata)

    fit(Canvas((photograph,)), Jpeg(), NOTHING, 3000, note)
    assert 1 < len(tried) <= 8


@pytest.mark.parametrize(
    ("output", "best", "worst"),
    [
        (Jpeg(quality=50), Jpeg(quality=49), Jpeg(quality=10)),
        (WebP(quality=11), WebP(quality=10), WebP(quality=10)),
        (Png(), Png(colors=256), Png(colors=2)),
        (Png(colors=100), Png(colors=64), Png(colors=2)),
        (Gif(), Gif(colors=128), Gif(colors=2)),
    ],
)
def test_fallbacks(output: Jpeg, best: Jpeg, worst: Jpeg) -> None:
    """All fallbacks are below the output, and none below the lowest useful quality."""
    outputs = fallbacks(output)
    assert (outputs[0], outputs[-1]) == (best, worst)


@pytest.mark.parametrize(
    "output", [Jpeg(quality=10), Jpeg(quality=3), Png(colors=2), Gif(colors=2)]
)
def test_nothing_below(output: Jpeg) -> None:
    """An output at the lowest quality has no fallbacks."""
    assert fallbacks(output) == []
