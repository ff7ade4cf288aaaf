"""Automatic output format: PNG for graphics, JPEG or WebP for photographs.

Graphics and photographs differ in the change from a pixel to its right neighbor. In drawings, texts
and screenshots most pixels equal their neighbor, and the others are edges, or gradients so even
that they compress well. Photographs have few equal pixels. Those with a white background have many,
but the soft changes between them don't compress.
"""

from PIL import Image, ImageChops

from processor.images.canvas import Canvas
from processor.images.encode.png_filters import Strip
from processor.images.encode.png_rows import (
    BANDS,
    Method,
    bands,
    stream_of,
)
from processor.images.recipe import Auto, Jpeg, Png, WebP

SAMPLE = 1 << 17
"""Pixels that are sampled."""

EDGE = 48
"""Difference of a channel, in tones, from which a change counts as an edge."""

# Measured on 13 photographs and 12 drawings, texts and screenshots (in parentheses: their values).
MIN_FLAT = 0.5
"""Share of equal neighbors in graphics (at least 0.56; photographs may have as many)."""
MIN_FLAT_SOFT = 0.7
"""The same for graphics without edges (at least 0.79; enlarged photographs up to 0.6)."""
MIN_EDGES = 0.2
"""Share of edges among the changes in graphics (at least 0.26; photographs at most 0.06)."""
MAX_NOISE = 0.6
"""Compressed size of a change in PNG, in pixels (soft graphics 0.5, photographs at least 0.74)."""


def choose(canvas: Canvas, output: Auto) -> Jpeg | Png | WebP:
    """Return the format that suits the image, with the other options of ``output``."""
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
    """Whether any pixel is not fully opaque."""
    return image.mode == "RGBA" and image.getchannel("A").getextrema()[0] != 255


def is_graphic(image: Image.Image) -> bool:
    """Whether the image is a graphic rather than a photograph."""
    if image.width == 1:
        return False
    strips = list(bands(image, max(1, SAMPLE // (BANDS * image.width))))
    changes = [0] * 256
    for strip in strips:
        changes = [a + b for a, b in zip(changes, _changes(strip), strict=True)]
    pixels, changing, edges = sum(changes), sum(changes[1:]), sum(changes[EDGE:])
    flat = 1 - changing / pixels
    if flat < MIN_FLAT:
        return False
    if edges >= MIN_EDGES * changing:
        return True
    if flat < MIN_FLAT_SOFT:
        return False
    compressed = len(stream_of(strips, Method("adaptive", 1)))
    return compressed <= MAX_NOISE * changing * len(image.getbands())


def _changes(strip: Strip) -> list[int]:
    """Return the number of pixels that differ from their right neighbor by 0 … 255 tones."""
    image = strip.image
    width, height = image.size
    left, right = image.crop((0, 0, width - 1, height)), image.crop((1, 0, width, height))
    largest, *others = ImageChops.difference(left, right).split()
    for channel in others:
        largest = ImageChops.lighter(largest, channel)
    return largest.histogram()
