"""Pictures with few colors."""

from dataclasses import dataclass

from PIL import Image, ImageStat

OPAQUE_FROM = 128
"""Pixels with less alpha become transparent where there is nothing in between."""

SAMPLE = 256
"""Pixels; longer side of what palettes are made from."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """A picture whose pixels are numbers of colors in a palette."""

    image: Image.Image
    """Mode P, with a palette of RGB no longer than need be; or mode L."""
    alphas: bytes = b""
    """Opacity of each color; empty if all are opaque."""


def exact(image: Image.Image) -> Reduced | None:
    """An RGB picture of at most 256 colors, as gray or with a palette. None if it has more."""
    if image.mode != "RGB" or not (counted := image.getcolors(256)):
        return None
    colors = [color for _, color in counted]
    if all(isinstance(c, tuple) and c[0] == c[1] == c[2] for c in colors):
        return Reduced(image.getchannel("R"))
    return Reduced(image.quantize(len(colors), Image.Quantize.MEDIANCUT))


def reduced(image: Image.Image, colors: int, *, dither: bool) -> Reduced:
    """``image``, of mode L, RGB or RGBA, with at most so many colors, opaque or half transparent.

    What is half transparent cannot be dithered.
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


def cut_out(image: Image.Image, colors: int, *, dither: bool, number: int | None = None) -> Reduced:
    """``image``, of mode RGBA, with its colors opaque but for one that is transparent.

    That is the last one, or the one that is asked for by its ``number``. No other has the same
    red, green and blue.
    """
    visible = image.getchannel("A").point(lambda alpha: 255 * (alpha >= OPAQUE_FROM))
    flat = image.convert("RGB")
    if visible.getextrema()[1]:
        # What is not seen shall not take up colors.
        mean = tuple(round(tone) for tone in ImageStat.Stat(flat, visible).mean)
        flat.paste(mean, mask=visible.point(lambda seen: 255 - seen))
    few = _opaque(flat, colors - 1, dither=dither).image
    palette = few.getpalette() or []
    if number is None:
        number = len(palette) // 3
    palette += [0] * (3 * number - len(palette))
    taken = set(zip(*[iter(palette)] * 3, strict=True))
    unseen = next((0, 0, blue) for blue in range(256) if (0, 0, blue) not in taken)
    few.putpalette([*palette, *unseen])
    few.paste(number, mask=visible.point(lambda seen: 255 - seen))
    return Reduced(few, b"\xff" * number + b"\0")


def _opaque(image: Image.Image, colors: int, *, dither: bool) -> Reduced:
    rgb = image if image.mode == "RGB" else image.convert("RGB")
    if rgb.getcolors(colors):
        return Reduced(rgb.quantize(colors, Image.Quantize.MEDIANCUT))
    # A sample finds as good a palette as the whole picture (within 0.2 dB) several times faster.
    scale = min(1, SAMPLE / max(rgb.size))
    size = tuple(max(1, round(side * scale)) for side in rgb.size)
    sample = rgb.resize(size, Image.Resampling.NEAREST)
    if not dither:
        palette = sample.quantize(colors, Image.Quantize.MEDIANCUT, kmeans=1)
        return Reduced(rgb.quantize(palette=palette, dither=Image.Dither.NONE))
    # Dithering can mix colors that lie between those in the palette, but none outside of them:
    # seen from afar, the palette that covers all is nearer in most pictures than that of averages.
    palette = sample.quantize(colors, Image.Quantize.MAXCOVERAGE)
    return Reduced(rgb.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG))
