"""Files to give to the page."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from PIL import Image

from tests.deployed import SAMPLES


@dataclass(frozen=True, slots=True)
class File:
    """A file as a browser knows it."""

    name: str
    data: bytes
    type: str = "image/jpeg"


def photograph(name: str, called: str = "") -> File:
    """A sample photograph, under another name if one is given."""
    kind = "image/png" if name.endswith(".png") else "image/jpeg"
    return File(called or name, (SAMPLES / name).read_bytes(), kind)


def small(name: str, width: int = 96, height: int = 64) -> File:
    """A small photograph, another one for each name."""
    random = Random(name)
    image = Image.effect_noise((width, height), random.randint(8, 40)).convert("RGB")
    color = tuple(random.randint(0, 255) for _ in range(3))
    image = Image.blend(image, Image.new("RGB", image.size, color), 0.7)
    saved = io.BytesIO()
    image.save(saved, "JPEG", quality=90)
    return File(name, saved.getvalue())


NOTES = File("notes.txt", b"Not a picture.\n" * 40, "text/plain")

DISGUISED = File("disguised.jpg", NOTES.data)
"""Its name and type are those of a picture, and nothing else."""

Put = Callable[..., str]
