"""Photographs for the measurements, by megapixels, with about a camera's number of bytes."""

from pathlib import Path
from random import Random

from PIL import Image, ImageOps

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / ".darkroom" / "bench" / "cost"
SAMPLE = PROJECT / "samples" / "raccoon.jpg"

SIZES = {0.5: (816, 612), 2.0: (1632, 1224), 12.0: (4000, 3000), 24.0: (5656, 4242)}
"""Width and height by megapixels."""
NOISE = {0.5: 0.04, 2.0: 0.07}
"""Random part of each pixel, for a sensor's noise, by megapixels."""
MUCH_NOISE = 0.13
"""Random part of each pixel of larger photographs."""
QUALITY = 88


def photograph(megapixels: float) -> Path:
    """Return the file of a size, created at the first call; reproducible with one Pillow."""
    part = NOISE.get(megapixels, MUCH_NOISE)
    path = FOLDER / f"{megapixels:g}mp-{part}.jpg"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        size = SIZES[megapixels]
        with Image.open(SAMPLE) as opened:
            image = ImageOps.fit(opened.convert("RGB"), size, Image.Resampling.BICUBIC)
        random = Random(path.name)  # noqa: S311 (no secret)
        noise = Image.frombytes("RGB", size, random.randbytes(3 * size[0] * size[1]))
        partial = path.with_suffix(".part")
        Image.blend(image, noise, part).save(partial, "JPEG", quality=QUALITY)
        partial.rename(path)
    return path
