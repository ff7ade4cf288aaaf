"""What the color operations share: curves, matrices and luminance of L, RGB and RGBA pictures.

Alpha is left as it is, and so is the picture that is given.
"""

from collections.abc import Callable, Sequence

from PIL import Image, ImageFilter

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""What red, green and blue weigh in brightness (ITU-R BT.709, and CSS's ``grayscale()``)."""

Table = list[int]
"""What each of the 256 tones becomes."""
Row = tuple[float, float, float]
"""What red, green and blue add to one channel of the result."""


def table(curve: Callable[[float], float]) -> Table:
    """A curve over tones from 0 to 1, cut off at both, for each of the 256 tones."""
    return [round(255 * min(1.0, max(0.0, curve(tone / 255)))) for tone in range(256)]


def look_up(image: Image.Image, tones: Table) -> Image.Image:
    """Replace the tones of every color channel."""
    if image.mode == "RGBA":
        return image.point(tones * 3 + list(range(256)))
    return image.point(tones * len(image.getbands()))


def mix(image: Image.Image, rows: Sequence[Row]) -> Image.Image:
    """Mix the channels anew, by a row for each of red, green and blue; gray becomes RGB."""
    numbers = tuple(number for row in rows for number in (*row, 0.0))
    return cover(image.convert("RGB").convert("RGB", numbers), image)


def blended(full: Sequence[Row], amount: float) -> list[Row]:
    """The matrix that goes from no change, at 0, all the way to ``full``, at 1."""
    return [
        (
            amount * row[0] + (1 - amount) * (channel == 0),
            amount * row[1] + (1 - amount) * (channel == 1),
            amount * row[2] + (1 - amount) * (channel == 2),
        )
        for channel, row in enumerate(full)
    ]


def luminance(image: Image.Image) -> Image.Image:
    """How bright each pixel is, as L."""
    if image.mode == "L":
        return image
    return colors(image).convert("L", (*LUMINANCE, 0.0))


def colors(image: Image.Image) -> Image.Image:
    """The picture without its alpha."""
    return image.convert("RGB") if image.mode == "RGBA" else image


def cover(image: Image.Image, like: Image.Image) -> Image.Image:
    """Give a picture of L or RGB the alpha of another, if that has any."""
    if like.mode != "RGBA":
        return image
    covered = image.convert("RGBA")
    covered.putalpha(like.getchannel("A"))
    return covered


def spread(image: Image.Image, sigma: float) -> Image.Image:
    """The picture without its alpha; transparent pixels take the colors that are seen near them.

    Whatever editors leave under transparent pixels would otherwise show where a filter mixes
    neighbors. ``sigma`` is the standard deviation of the filter's reach, in pixels.
    """
    if image.mode != "RGBA":
        return image
    alpha = image.getchannel("A")
    visible = alpha.point([0] + [255] * 255)
    near = image.convert("RGBa").filter(ImageFilter.GaussianBlur(sigma)).convert("RGBA")
    return Image.composite(colors(image), colors(near), visible)
