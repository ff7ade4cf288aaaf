"""Analysis: palette, placeholder, perceptual hash, sharpness and EXIF of an original."""

import base64
from itertools import batched

import msgspec
from PIL import Image, ImageFilter, ImageStat

from processor.images.canvas import Canvas
from processor.images.decode.source import Source
from processor.images.describe.exif import Exif, read_exif
from processor.images.describe.thumbhash import thumbhash
from processor.images.steps.orient import orient
from processor.images.steps.resampling import scale
from processor.images.steps.to_srgb import to_srgb

SAMPLE_EDGE = 256
"""Long edge, in pixels, of the copy that is analyzed: results of all sizes are comparable."""

LIGHT = 192
"""Mean tone from which the visible pixels of an image are light."""

MARGIN = 0.025
"""Part of each edge that ``Analysis.phash_inner`` leaves out: a crop of up to 5% of the width and
height is like the whole image, or like this part of it."""

COLORS = 5
"""Largest number of colors in the palette."""


class Analysis(msgspec.Struct, frozen=True, omit_defaults=True):
    """Properties of an original. Colors are ``#rrggbb`` in sRGB."""

    sha256: str
    """Hash of the uploaded file."""
    has_alpha: bool
    """Whether any pixel is not fully opaque."""
    dominant: str
    """The color that covers most of the image."""
    palette: list[str]
    """The main colors, by area."""
    thumbhash: str
    """Placeholder, in base64."""
    phash: str
    """Perceptual hash: 64 bits in hexadecimal. Images that look alike differ in up to about 8."""
    phash_inner: str
    """The same without a margin, by which cropped copies are found."""
    sharpness: float
    """Variance of the Laplacian at 256 pixels. Below about 100, images look out of focus."""
    exif: Exif | None = None


def analyze(source: Source, canvas: Canvas, *, gps: bool = False) -> Analysis:
    """Analyze ``canvas``, which was decoded from ``source``, at any size.

    The location is included only if ``gps``.
    """
    canvas = to_srgb(orient(_small(canvas.still())))
    image = canvas.image
    colors = palette(image)
    return Analysis(
        sha256=source.sha256,
        has_alpha=image.mode == "RGBA" and image.getchannel("A").getextrema()[0] != 255,
        dominant=colors[0],
        palette=colors,
        thumbhash=base64.b64encode(thumbhash(image)).decode(),
        phash=perceptual_hash(image),
        phash_inner=perceptual_hash(image, MARGIN),
        sharpness=sharpness(image),
        exif=read_exif(source.header.exif, gps=gps),
    )


def _small(canvas: Canvas) -> Canvas:
    width, height = canvas.image.size
    factor = min(1.0, SAMPLE_EDGE / max(width, height))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return canvas.map(lambda image: scale(image, size))


def palette(image: Image.Image) -> list[str]:
    """Return the main colors, by area; transparent pixels don't count."""
    small = image.convert("RGBA")
    # A reduction by a whole number mixes the fewest colors.
    small = small.reduce(max(1, round(max(small.size) / 64)))
    pixels = batched(small.tobytes(), 4, strict=True)
    visible = [(r, g, b) for r, g, b, alpha in pixels if alpha >= 128] or [(0, 0, 0)]
    row = Image.new("RGB", (len(visible), 1))
    row.putdata(visible)
    reduced = row.quantize(COLORS, Image.Quantize.MEDIANCUT, kmeans=3)
    table = reduced.getpalette() or []
    counts = reduced.histogram()
    order = sorted(range(COLORS), key=counts.__getitem__, reverse=True)
    colors = ["#" + bytes(table[3 * n : 3 * n + 3]).hex() for n in order if counts[n]]
    return list(dict.fromkeys(colors))


def perceptual_hash(image: Image.Image, margin: float = 0) -> str:
    """Return the difference hash: whether each of 8 x 8 cells is lighter than its left neighbor.

    ``margin`` is the part of each edge that is left out. Source: N. Krawetz, "Kind of Like That"
    (2013); the cells overlap (a triangle filter), so that a crop changes fewer bits.
    """
    width, height = image.size
    box = (width * margin, height * margin, width * (1 - margin), height * (1 - margin))
    gray = _opaque(image).convert("L").resize((9, 8), Image.Resampling.BILINEAR, box)
    tones = gray.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            left, right = tones[9 * row + column], tones[9 * row + column + 1]
            bits = bits << 1 | (right > left)
    return f"{bits:016x}"


def sharpness(image: Image.Image) -> float:
    """Return the variance of the Laplacian, a measure of fine detail.

    Source: Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy" (2000).
    """
    if min(image.size) < 3:
        return 0.0
    laplacian = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=4, offset=128)
    gray = _opaque(image).convert("L").filter(laplacian)
    inner = gray.crop((1, 1, gray.width - 1, gray.height - 1))
    return round(ImageStat.Stat(inner).var[0] * 16, 1)


def _opaque(image: Image.Image) -> Image.Image:
    """Return the image on white; if its visible pixels are light, on black, or it would vanish."""
    if image.mode != "RGBA":
        return image
    alpha = image.getchannel("A")
    visible = image.convert("L").histogram(alpha.point(lambda opacity: 255 * (opacity >= 128)))
    lightness = sum(tone * count for tone, count in enumerate(visible)) / max(1, sum(visible))
    flat = Image.new("RGB", image.size, "black" if lightness >= LIGHT else "white")
    flat.paste(image, mask=alpha)
    return flat
