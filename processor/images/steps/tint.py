"""Tint."""

from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.steps.channels import (
    LUMINANCE,
    Table,
    luminance,
    with_alpha_of,
    without_alpha,
)
from processor.images.steps.to_srgb import color_in_space_of


def tint(canvas: Canvas, job: Job) -> Canvas:
    """Give every pixel the hue and chroma of one color, and keep its luminance.

    This is the blend mode ``color`` of W3C Compositing and Blending Level 1, with ``strength`` as
    its opacity:
    https://www.w3.org/TR/compositing-1/#blendingcolor
    """
    asked = job.rendition.tint
    if asked is None or not asked.strength:
        return canvas
    tone = color_in_space_of(canvas, asked.color)
    red, green, blue = (channel / 255 for channel in bytes.fromhex(tone[1:]))
    tables = ramp((red, green, blue))

    def blend(image: Image.Image) -> Image.Image:
        gray = luminance(image)
        tinted = Image.merge("RGB", [gray.point(tones) for tones in tables])
        plain = without_alpha(image).convert("RGB")
        return with_alpha_of(image, Image.blend(plain, tinted, asked.strength))

    return canvas.map(blend)


def ramp(color: tuple[float, float, float]) -> list[Table]:
    """Return for each channel the table from luminance to tone."""
    shades = [shade(color, tone / 255) for tone in range(256)]
    return [
        [round(255 * channel) for channel in channels] for channels in zip(*shades, strict=True)
    ]


def shade(color: tuple[float, float, float], brightness: float) -> list[float]:
    """Return the color at another luminance, 0 to 1: ``SetLum`` and ``ClipColor`` of the W3C.

    Chroma is reduced as far as the luminance requires.
    """
    own = sum(weight * channel for weight, channel in zip(LUMINANCE, color, strict=True))
    chroma = [channel - own for channel in color]
    room = [(1 - brightness) / part if part > 0 else brightness / -part for part in chroma if part]
    paler = min([1.0, *room])
    return [brightness + paler * part for part in chroma]
