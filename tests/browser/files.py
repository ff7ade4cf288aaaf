"""Files for uploads: sample photos, small generated images, and files that are no images."""

import io
from dataclasses import dataclass
from random import Random

from PIL import Image

from tests.deployed import SAMPLES


@dataclass(frozen=True, slots=True)
class File:
    """A file as a browser passes it to the page."""

    name: str
    data: bytes
    type: str = "image/jpeg"


def photo(name: str) -> File:
    """Return a sample photo."""
    kind = "image/png" if name.endswith(".png") else "image/jpeg"
    return File(name, (SAMPLES / name).read_bytes(), kind)


def small_image(name: str, width: int = 96, height: int = 64) -> File:
    """Return a small JPEG whose pixels depend on its name."""
    random = Random(name)
    image = Image.effect_noise((width, height), random.randint(8, 40)).convert("RGB")
    color = tuple(random.randint(0, 255) for _ in range(3))
    image = Image.blend(image, Image.new("RGB", image.size, color), 0.7)
    saved = io.BytesIO()
    image.save(saved, "JPEG", quality=90)
    return File(name, saved.getvalue())


TEXT_FILE = File("notes.txt", b"Not an image.\n" * 40, "text/plain")

TEXT_AS_JPEG = File("disguised.jpg", TEXT_FILE.data)
"""A text file with the name and type of a JPEG."""
