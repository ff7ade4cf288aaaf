"""Channel arithmetic of the color steps: tone curves, matrices and luminance.

The functions take images of mode L, RGB and RGBA, return new ones, and keep alpha.
"""

from collections.abc import Callable, Sequence

from PIL import Image, ImageFilter

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Weights of red, green and blue (ITU-R BT.709, and CSS's ``grayscale()``)."""

Table = list[int]
"""The new value of each of the 256 tones."""
Row = tuple[float, float, float]
"""Weights of red, green and blue in one channel of the result."""


def table(curve: Callable[[float], float]) -> Table:
    """Return the table of a curve over tones from 0 to 1; its values are clipped to that range."""
    return [round(255 * min(1.0, max(0.0, curve(tone / 255)))) for tone in range(256)]


def look_up(image: Image.Image, tones: Table) -> Image.Image:
    """Apply a table to every color channel."""
    if image.mode == "RGBA":
        return image.point(tones * 3 + list(range(256)))
    return image.point(tones * len(image.getbands()))


def mix(image: Image.Image, rows: Sequence[Row]) -> Image.Image:
    """Apply a matrix with a row for each of red, green and blue; gray becomes RGB."""
    numbers = tuple(number for row in rows for number in (*row, 0.0))
    return with_alpha_of(image, image.convert("RGB").convert("RGB", numbers))


def blended(full: Sequence[Row], amount: float) -> list[Row]:
    """Return a matrix between identity, at 0, and ``full``, at 1."""
    return [
        (
            amount * row[0] + (1 - amount) * (channel == 0),
            amount * row[1] + (1 - amount) * (channel == 1),
            amount * row[2] + (1 - amount) * (channel == 2),
        )
        for channel, row in enumerate(full)
    ]


def luminance(image: Image.Image) -> Image.Image:
    """Return the luminance of each pixel, as L."""
    if image.mode == "L":
        return image
    return without_alpha(image).convert("L", (*LUMINANCE, 0.0))


def without_alpha(image: Image.Image) -> Image.Image:
    """Return the image without its alpha channel."""
    return image.convert("RGB") if image.mode == "RGBA" else image


def with_alpha_of(original: Image.Image, image: Image.Image) -> Image.Image:
    """Return ``image``, of mode L or RGB, with the alpha channel of ``original`` if it has one."""
    if original.mode != "RGBA":
        return image
    covered = image.convert("RGBA")
    covered.putalpha(original.getchannel("A"))
    return covered


def fill_transparent(image: Image.Image, sigma: float) -> Image.Image:
    """Return the image without alpha; transparent pixels take the colors of visible ones nearby.

    Otherwise the colors that editors leave under transparent pixels would show where a filter mixes
    neighbors. ``sigma`` is the standard deviation of the filter's reach, in pixels.
    """
    if image.mode != "RGBA":
        return image
    alpha = image.getchannel("A")
    visible = alpha.point([0] + [255] * 255)
    near = image.convert("RGBa").filter(ImageFilter.GaussianBlur(sigma)).convert("RGBA")
    return Image.composite(without_alpha(image), without_alpha(near), visible)
