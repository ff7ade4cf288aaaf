"""The format that suits a picture.

What is drawn and what is photographed differ in what happens from a pixel to its right neighbor.
In drawings, texts and screenshots most pixels are equal to it, and where they are not, there is an
edge, or a shade so even that it compresses well. Photographs have few equal pixels; those of things
before a white wall have many, but between them lie soft changes that do not compress.
"""

from PIL import Image, ImageChops

from processor.images.canvas import Canvas
from processor.images.encode.png_filters import Strip
from processor.images.encode.png_rows import (
    BANDS,
    Way,
    bands,
    stream_of,
)
from processor.images.recipe import Auto, Jpeg, Png, WebP

SAMPLE = 1 << 17
"""Pixels that are looked at."""

EDGE = 48
"""Difference of a channel, in tones, from which on a change is an edge."""

# Measured on 13 photographs and 12 drawings, texts and screenshots (in brackets: what they have).
LEAST_FLAT = 0.5
"""Share of equal neighbors in graphics (0.56 and more; photographs may have as much)."""
LEAST_FLAT_SOFT = 0.7
"""The same for graphics without edges (0.79 and more; enlarged photographs up to 0.6)."""
LEAST_EDGES = 0.2
"""Share of edges among changes in graphics (0.26 and more; photographs at most 0.06)."""
MOST_NOISE = 0.6
"""What a change takes in PNG, as a part of a pixel (soft graphics 0.5, photographs from 0.74)."""


def choose(canvas: Canvas, output: Auto) -> Jpeg | Png | WebP:
    """Decide on the format; what else ``output`` asks for holds for that."""
    if len(canvas.frames) > 1:
        kind: type[Jpeg | WebP] = WebP
    elif is_graphic(canvas.image):
        return Png(max_bytes=output.max_bytes, metadata=output.metadata, gps=output.gps)
    else:
        kind = WebP if has_transparency(canvas.image) else Jpeg
    return kind(
        quality=output.quality,
        max_bytes=output.max_bytes,
        metadata=output.metadata,
        gps=output.gps,
    )


def has_transparency(image: Image.Image) -> bool:
    """Whether any pixel is not wholly opaque."""
    return image.mode == "RGBA" and image.getchannel("A").getextrema()[0] != 255


def is_graphic(image: Image.Image) -> bool:
    """Whether ``image`` is drawn rather than photographed."""
    if image.width == 1:
        return False
    strips = list(bands(image, max(1, SAMPLE // (BANDS * image.width))))
    changes = [0] * 256
    for strip in strips:
        changes = [a + b for a, b in zip(changes, _changes(strip), strict=True)]
    pixels, changing, edges = sum(changes), sum(changes[1:]), sum(changes[EDGE:])
    flat = 1 - changing / pixels
    if flat < LEAST_FLAT:
        return False
    if edges >= LEAST_EDGES * changing:
        return True
    if flat < LEAST_FLAT_SOFT:
        return False
    compressed = len(stream_of(strips, Way("adaptive", 1)))
    return compressed <= MOST_NOISE * changing * len(image.getbands())


def _changes(strip: Strip) -> list[int]:
    """How many pixels differ from their right neighbor by 0, 1, 2 … 255 tones."""
    image = strip.image
    width, height = image.size
    left, right = image.crop((0, 0, width - 1, height)), image.crop((1, 0, width, height))
    largest, *others = ImageChops.difference(left, right).split()
    for channel in others:
        largest = ImageChops.lighter(largest, channel)
    return largest.histogram()
