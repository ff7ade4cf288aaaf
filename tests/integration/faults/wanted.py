"""What is to become of originals: their outcomes, and the renditions to the byte."""

import hashlib
import io
import random
import zlib
from dataclasses import dataclass
from functools import cache

from PIL import Image

from processor.catalog.entries import Entry, Status
from processor.images import DetectedRegions, WatermarkImages, load_recipes, open_source, render
from processor.storage.renditions import rendition_key
from processor.storage.watermark_images import ASSETS

RECIPE = "print"
"""The recipe of most originals here: it makes two renditions, the fewest."""


END_CHUNK = -12
"""Where a PNG's last chunk begins."""


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
    focal_point: tuple[float, float] | None = None
    """Which the renditions follow."""
    duplicate_of: str | None = None


def done(
    data: bytes,
    recipe: str = RECIPE,
    focal_point: tuple[float, float] | None = None,
    duplicate_of: str | None = None,
) -> Wanted:
    """The original has its renditions."""
    return Wanted("done", data, recipe, focal_point=focal_point, duplicate_of=duplicate_of)


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
    point = entry.get("rendered_focal_point")
    if (point and (point["x"], point["y"])) != wanted.focal_point:
        return False
    is_it = entry.get("etag") == md5(of_key(wanted.data, entry["filename"]))
    return is_it and (wanted.status != "done" or entry.get("recipe") == wanted.recipe)


@cache
def picture(number: int, kind: str = "PNG") -> bytes:
    """A small picture, different for each number."""
    noise = random.Random(number).randbytes(6 * 4 * 3)
    file = io.BytesIO()
    Image.frombytes("RGB", (6, 4), noise).resize((60, 40)).save(file, kind)
    return file.getvalue()


def of_key(data: bytes, key: str) -> bytes:
    """The same picture in a PNG file that no other key has, so that it is no duplicate."""
    if not data.startswith(b"\x89PNG"):
        return data
    text = b"tEXtkey\0" + key.encode("ascii", "replace")
    chunk = (len(text) - 4).to_bytes(4) + text + zlib.crc32(text).to_bytes(4)
    return data[:END_CHUNK] + chunk + data[END_CHUNK:]


def expected(key: str, wanted: Wanted) -> dict[str, str]:
    """The MD5 of each object that the recipe makes of the picture, by its key."""
    return {
        rendition_key(key, name, extension): etag
        for name, extension, etag in rendered(wanted.data, wanted.recipe, wanted.focal_point)
    }


@cache
def rendered(
    data: bytes, recipe: str, focal_point: tuple[float, float] | None = None
) -> list[tuple[str, str, str]]:
    """Name, extension and MD5 of each rendition; the same bytes everywhere."""
    watermark_images = WatermarkImages(lambda name: (ASSETS / name).read_bytes())
    made = render(
        open_source(data),
        load_recipes()[recipe],
        watermark_images=watermark_images,
        regions=DetectedRegions(focal_point=focal_point),
    ).renditions
    return [(each.name, each.extension, md5(each.data)) for each in made]


def md5(data: bytes) -> str:
    """What S3 calls the ETag."""
    return hashlib.md5(data).hexdigest()  # noqa: S324 (S3's own choice)
