"""Color the picture."""

from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.color import (
    LUMINANCE,
    Table,
    colors,
    cover,
    luminance,
)


def tint(canvas: Canvas, job: Job) -> Canvas:
    """Give every pixel the hue and chroma of one color; its luminance stays.

    The blend mode ``color`` of W3C Compositing and Blending Level 1, as opaque as ``strength``:
    https://www.w3.org/TR/compositing-1/#blendingcolor
    """
    asked = job.rendition.tint
    if asked is None or not asked.strength:
        return canvas
    red, green, blue = (channel / 255 for channel in bytes.fromhex(asked.color[1:]))
    tables = ramp((red, green, blue))

    def lay(image: Image.Image) -> Image.Image:
        gray = luminance(image)
        tinted = Image.merge("RGB", [gray.point(tones) for tones in tables])
        plain = colors(image).convert("RGB")
        return cover(Image.blend(plain, tinted, asked.strength), image)

    return canvas.map(lay)


def ramp(color: tuple[float, float, float]) -> list[Table]:
    """For each channel, what each luminance becomes."""
    shades = [shade(color, tone / 255) for tone in range(256)]
    return [
        [round(255 * channel) for channel in channels] for channels in zip(*shades, strict=True)
    ]


def shade(color: tuple[float, float, float], brightness: float) -> list[float]:
    """The color at another luminance, from 0 to 1: ``SetLum`` and ``ClipColor`` of the W3C.

    Where there is no color so dark or so bright, it gets paler until there is.
    """
    own = sum(weight * channel for weight, channel in zip(LUMINANCE, color, strict=True))
    chroma = [channel - own for channel in color]
    room = [(1 - brightness) / part if part > 0 else brightness / -part for part in chroma if part]
    paler = min([1.0, *room])
    return [brightness + paler * part for part in chroma]
