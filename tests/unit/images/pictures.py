"""Small pictures for the tests, and how to compare them."""

import io

from PIL import Image, ImageChops, ImageDraw, ImageStat

QUARTERS = {"red": (0, 0), "lime": (1, 0), "blue": (0, 1), "yellow": (1, 1)}

TURN = Image.Transpose
STORED: dict[int, list[Image.Transpose]] = {
    1: [],
    2: [TURN.FLIP_LEFT_RIGHT],
    3: [TURN.ROTATE_180],
    4: [TURN.FLIP_TOP_BOTTOM],
    # Stored with rows and columns exchanged, then mirrored as 2, 3 and 4 are.
    5: [TURN.TRANSPOSE],
    6: [TURN.TRANSPOSE, TURN.FLIP_TOP_BOTTOM],
    7: [TURN.TRANSPOSE, TURN.ROTATE_180],
    8: [TURN.TRANSPOSE, TURN.FLIP_LEFT_RIGHT],
}
"""What was done to an upright picture that is stored with each EXIF orientation."""


def quarters(width: int = 120, height: int = 80, mode: str = "RGB") -> Image.Image:
    """A picture of four colours, so that every turn and crop of it can be told apart."""
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for colour, (column, row) in QUARTERS.items():
        left, top = column * width // 2, row * height // 2
        draw.rectangle((left, top, left + width // 2 - 1, top + height // 2 - 1), fill=colour)
    return image.convert(mode)


def encoded(image: Image.Image, format_name: str, **options: object) -> bytes:
    """The bytes of an image file."""
    file = io.BytesIO()
    image.save(file, format_name, **options)
    return file.getvalue()


def decoded(data: bytes) -> Image.Image:
    """The picture in the bytes of an image file."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def difference(one: Image.Image, other: Image.Image) -> float:
    """Root mean square of the differences of all channels, from 0 to 255."""
    assert one.size == other.size
    assert one.mode == other.mode
    channels = ImageStat.Stat(ImageChops.difference(one, other)).rms
    return float(sum(channels) / len(channels))
