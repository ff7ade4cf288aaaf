"""What is to become of originals: their outcomes, and the renditions to the byte."""

import hashlib
import io
import random
from dataclasses import dataclass
from functools import cache

from PIL import Image

from processor.catalog.entries import Entry, Status
from processor.images import WatermarkImages, load_recipes, open_source, render
from processor.storage.renditions import rendition_key
from processor.storage.watermark_images import ASSETS

RECIPE = "print"
"""The recipe of most originals here: it makes two renditions, the fewest."""


@dataclass(frozen=True)
class Wanted:
    """What is to become of an original in the end."""

    status: Status
    data: bytes = b""
    recipe: str = RECIPE
    code: str = ""
    """Of the failure."""
    failed_request: str = ""
    """Code of the request that has failed since."""


def done(data: bytes, recipe: str = RECIPE) -> Wanted:
    """The original has its renditions."""
    return Wanted("done", data, recipe)


def kept(data: bytes, code: str, recipe: str = RECIPE) -> Wanted:
    """The original has its renditions still, though a request has failed."""
    return Wanted("done", data, recipe, failed_request=code)


def failed(code: str, data: bytes) -> Wanted:
    """The original has none, for that reason."""
    return Wanted("failed", data, code=code)


DELETED = Wanted("deleted")


def has_come(entry: Entry, wanted: Wanted) -> bool:
    """Whether the outcome is that of the original that it is to be of."""
    if entry.get("status") != wanted.status:
        return False
    if wanted.status == "deleted":
        return True
    if entry.get("failed_request", {}).get("code", "") != wanted.failed_request:
        return False
    is_it = entry.get("etag") == md5(wanted.data)
    return is_it and (wanted.status != "done" or entry.get("recipe") == wanted.recipe)


@cache
def picture(number: int) -> bytes:
    """A small picture, different for each number."""
    noise = random.Random(number).randbytes(6 * 4 * 3)
    file = io.BytesIO()
    Image.frombytes("RGB", (6, 4), noise).resize((60, 40)).save(file, "PNG")
    return file.getvalue()


def expected(key: str, data: bytes, recipe: str) -> dict[str, str]:
    """The MD5 of each object that the recipe makes of the picture, by its key."""
    return {
        rendition_key(key, name, extension): etag
        for name, extension, etag in rendered(data, recipe)
    }


@cache
def rendered(data: bytes, recipe: str) -> list[tuple[str, str, str]]:
    """Name, extension and MD5 of each rendition; the same bytes everywhere."""
    watermark_images = WatermarkImages(lambda name: (ASSETS / name).read_bytes())
    source = open_source(data)
    made = render(source, load_recipes()[recipe], watermark_images=watermark_images).renditions
    return [(each.name, each.extension, md5(each.data)) for each in made]


def md5(data: bytes) -> str:
    """What S3 calls the ETag."""
    return hashlib.md5(data).hexdigest()  # noqa: S324 (S3's own choice)
