"""Moderation overrides for harmless test images, which the emulator's Rekognition then flags.

The emulator recognizes an image by its appearance: the pipeline's copies are flagged, too, and no
other image is, so concurrent tests do not affect each other.
"""

import os
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from random import Random

from PIL import Image

from tests.speed import LIMIT

PATH = "/_emulator/rekognition/moderation"


def patchwork(seed: int | str, size: tuple[int, int] = (640, 480)) -> bytes:
    """Return a JPEG of eight by eight colors, which differ for each seed."""
    colors = Image.frombytes("RGB", (8, 8), Random(seed).randbytes(8 * 8 * 3))
    file = BytesIO()
    colors.resize(size, Image.Resampling.NEAREST).save(file, "JPEG", quality=90)
    return file.getvalue()


@contextmanager
def flagged(
    image: bytes, label: str = "Explicit Nudity", confidence: float = 95, endpoint: str = ""
) -> Iterator[None]:
    """Flag an image (a JPEG or PNG) and its copies while the context lasts.

    The default endpoint is AWS_ENDPOINT_URL.
    """
    url = f"{endpoint or os.environ['AWS_ENDPOINT_URL']}{PATH}"
    query = urllib.parse.urlencode({"label": label, "confidence": confidence})
    put = urllib.request.Request(f"{url}?{query}", image, method="PUT")
    with urllib.request.urlopen(put, timeout=LIMIT) as response:
        place = response.headers["Location"]
    try:
        yield
    finally:
        delete = urllib.request.Request(urllib.parse.urljoin(url, place), method="DELETE")
        urllib.request.urlopen(delete, timeout=LIMIT).close()
