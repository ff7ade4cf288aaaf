"""Palette images: reduction to few colors."""

from dataclasses import dataclass

from PIL import Image, ImageStat

OPAQUE_FROM = 128
"""Alpha from which a pixel becomes opaque in formats without half-transparency."""

SAMPLE = 256
"""Longer side, in pixels, of the sample that a palette is made from."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """An image whose pixels are indexes into a palette."""

    image: Image.Image
    """Mode P with an RGB palette as short as possible, or mode L."""
    alphas: bytes = b""
    """Opacity of each color; empty if all are opaque."""


def exact(image: Image.Image) -> Reduced | None:
    """Return an RGB image of at most 256 colors as gray or with a palette; None if it has more."""
    if image.mode != "RGB" or not (counted := image.getcolors(256)):
        return None
    colors = [color for _, color in counted]
    if all(isinstance(c, tuple) and c[0] == c[1] == c[2] for c in colors):
        return Reduced(image.getchannel("R"))
    return Reduced(image.quantize(len(colors), Image.Quantize.MEDIANCUT))


def reduced(image: Image.Image, colors: int, *, dither: bool) -> Reduced:
    """Return an image of mode L, RGB or RGBA with at most ``colors`` colors.

    An image with half-transparent pixels is not dithered.
    """
    if image.mode != "RGBA":
        return _opaque(image, colors, dither=dither)
    used = image.getchannel("A").histogram()
    if not any(used[1:255]):
        return (
            cut_out(image, colors, dither=dither)
            if used[0]
            else _opaque(image, colors, dither=dither)
        )
    few = image.quantize(colors, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = few.getpalette("RGBA") or []
    few.putpalette([tone for number, tone in enumerate(palette) if number % 4 < 3])
    return Reduced(few, bytes(palette[3::4]))


def cut_out(image: Image.Image, colors: int, *, dither: bool, index: int | None = None) -> Reduced:
    """Return an RGBA image with opaque colors and one transparent one.

    The transparent color is the last one, or has the given ``index``. No other color has the same
    red, green and blue.
    """
    visible = image.getchannel("A").point(lambda alpha: 255 * (alpha >= OPAQUE_FROM))
    flat = image.convert("RGB")
    if visible.getextrema()[1]:
        # Transparent pixels take no colors of the palette.
        mean = tuple(round(tone) for tone in ImageStat.Stat(flat, visible).mean)
        flat.paste(mean, mask=visible.point(lambda alpha: 255 - alpha))
    few = _opaque(flat, colors - 1, dither=dither).image
    palette = few.getpalette() or []
    if index is None:
        index = len(palette) // 3
    palette += [0] * (3 * index - len(palette))
    used = set(zip(*[iter(palette)] * 3, strict=True))
    unused = next((0, 0, blue) for blue in range(256) if (0, 0, blue) not in used)
    few.putpalette([*palette, *unused])
    few.paste(index, mask=visible.point(lambda alpha: 255 - alpha))
    return Reduced(few, b"\xff" * index + b"\0")


def _opaque(image: Image.Image, colors: int, *, dither: bool) -> Reduced:
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    if rgb.getcolors(colors):
        return Reduced(rgb.quantize(colors, Image.Quantize.MEDIANCUT))
    # A sample gives as good a palette as the whole image (within 0.2 dB), several times faster.
    scale = min(1, SAMPLE / max(rgb.size))
    size = tuple(max(1, round(side * scale)) for side in rgb.size)
    sample = rgb.resize(size, Image.Resampling.NEAREST)
    if not dither:
        palette = sample.quantize(colors, Image.Quantize.MEDIANCUT, kmeans=1)
        return Reduced(rgb.quantize(palette=palette, dither=Image.Dither.NONE))
    # Dithering can mix the colors between those of the palette, but none outside of them: for most
    # images, a palette that covers all colors is closer, seen from a distance, than one of means.
    palette = sample.quantize(colors, Image.Quantize.MAXCOVERAGE)
    return Reduced(rgb.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG))
