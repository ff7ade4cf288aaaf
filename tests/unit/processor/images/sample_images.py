"""Small test images, and their comparison."""

import io
import os
import re
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, ImageChops, ImageDraw, ImageStat

from processor.images import Limits, Recipe, Rendered, open_source, render
from processor.images.limits import DEFAULT_LIMITS

FAILURES = Path(__file__).parents[4] / ".darkroom" / "test-failures"
"""Folder for images that differ from what a test expects."""

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
"""Operations that turn an upright image into one stored with each EXIF orientation."""


def quarters(width: int = 120, height: int = 80, mode: str = "RGB") -> Image.Image:
    """Return an image of four colors, which shows every rotation and crop."""
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for color, (column, row) in QUARTERS.items():
        left, top = column * width // 2, row * height // 2
        draw.rectangle((left, top, left + width // 2 - 1, top + height // 2 - 1), fill=color)
    return image.convert(mode)


def stored(image: Image.Image, orientation: int) -> Image.Image:
    """Return an upright image as a camera stores it with an EXIF orientation."""
    for turn in STORED[orientation]:
        image = image.transpose(turn)
    return image


def photographed(image: Image.Image, orientation: int, format_name: str = "PNG") -> bytes:
    """Return the file of an upright image that is stored with an EXIF orientation."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return encoded(stored(image, orientation), format_name, exif=exif)


def encoded(image: Image.Image, format_name: str, **options: object) -> bytes:
    """Return the bytes of an image file."""
    file = io.BytesIO()
    image.save(file, format_name, **options)
    return file.getvalue()


def animated() -> bytes:
    """Return a GIF of two frames."""
    first, second = (Image.new("RGB", (96, 96), color) for color in ("#446688", "#aa2200"))
    return encoded(first, "GIF", save_all=True, append_images=[second])


def decoded(data: bytes) -> Image.Image:
    """Return the image in the bytes of a file."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def render_file(
    data: bytes, recipe: Recipe, limits: Limits = DEFAULT_LIMITS, **options: Any
) -> Rendered:
    """Open a file and render it, under the same limits."""
    return render(open_source(data, limits), recipe, limits, **options)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the root mean square difference of all channels, from 0 to 255."""
    assert one.size == other.size
    assert one.mode == other.mode
    channels = ImageStat.Stat(ImageChops.difference(one, other)).rms
    return float(sum(channels) / len(channels))


def assert_similar(actual: Image.Image, expected: Image.Image, most: float = 2.0) -> None:
    """Fail if two images differ by more than ``most``, as ``difference`` measures.

    Saves both side by side, with their difference, under the name of the test.
    """
    assert (actual.size, actual.mode) == (expected.size, expected.mode)
    if actual.mode == "RGBA":
        # The colors of transparent pixels don't matter.
        actual, expected = actual.convert("RGBa"), expected.convert("RGBa")
    found = difference(actual, expected)
    if found > most:
        raise AssertionError(
            f"The images differ by {found:.2f}; at most {most:g} is allowed. "
            f"{_save(actual, expected)} shows the actual and expected image, and the difference."
        )


def _save(actual: Image.Image, expected: Image.Image) -> Path:
    width, height = actual.size
    both = actual.convert("RGB"), expected.convert("RGB")
    changes = ImageChops.difference(*both).point([min(255, 4 * tone) for tone in range(256)] * 3)
    sheet = Image.new("RGB", (3 * width + 8, height), "gray")
    for number, image in enumerate((*both, changes)):
        sheet.paste(image, (number * (width + 4), 0))
    test = os.environ.get("PYTEST_CURRENT_TEST", "image").rpartition("/")[2].split(" ")[0]
    FAILURES.mkdir(parents=True, exist_ok=True)
    path = FAILURES / (re.sub(r"[^\w.-]+", "-", test)[:100] + ".png")
    sheet.save(path)
    return path
