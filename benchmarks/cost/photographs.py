"""The pictures that are measured: photographs of a size, with about the bytes of a camera's."""

from pathlib import Path
from random import Random

from PIL import Image, ImageOps

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / ".darkroom" / "bench" / "cost"
SAMPLE = PROJECT / "samples" / "raccoon.jpg"

SIZES = {0.5: (816, 612), 2.0: (1632, 1224), 12.0: (4000, 3000), 24.0: (5656, 4242)}
"""Width and height by megapixels."""
NOISE = {0.5: 0.04, 2.0: 0.07}
"""Part of each pixel that is random: what scaling up leaves out, a sensor has."""
MUCH_NOISE = 0.13
"""The same of the larger ones."""
QUALITY = 88


def photograph(megapixels: float) -> Path:
    """The file of that size; made the first time, and the same with the same Pillow."""
    part = NOISE.get(megapixels, MUCH_NOISE)
    path = FOLDER / f"{megapixels:g}mp-{part}.jpg"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        size = SIZES[megapixels]
        with Image.open(SAMPLE) as opened:
            image = ImageOps.fit(opened.convert("RGB"), size, Image.Resampling.BICUBIC)
        random = Random(path.name)  # noqa: S311 (no secret)
        noise = Image.frombytes("RGB", size, random.randbytes(3 * size[0] * size[1]))
        passing = path.with_suffix(".part")
        Image.blend(image, noise, part).save(passing, "JPEG", quality=QUALITY)
        passing.rename(path)
    return path
