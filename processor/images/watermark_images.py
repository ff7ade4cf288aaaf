"""Watermark images: read by name, decoded, and cached for later renditions."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

from processor.images.decode.decoder import decode
from processor.images.decode.source import open_source
from processor.images.errors import ImageError
from processor.images.limits import Limits
from processor.images.steps.orient import orient
from processor.images.steps.standardize import standardize
from processor.images.steps.to_srgb import to_srgb

CACHE_SIZE = 8
"""Largest number of decoded images in the cache."""


@dataclass(slots=True)
class WatermarkImages:
    """The images that recipes name in their watermarks."""

    read: Callable[[str], bytes]
    """Returns the file of a name. Raises ``OSError`` or ``LookupError`` if it cannot be read."""
    max_age: float = 60.0
    """Seconds that an image is cached: the file may be replaced under its name."""
    limits: Limits = field(default_factory=lambda: Limits(max_pixels=8_000_000))
    clock: Callable[[], float] = time.monotonic
    _cache: dict[str, tuple[float, Image.Image]] = field(default_factory=dict)

    def load(self, name: str) -> Image.Image:
        """Return an image as RGBA, upright and in sRGB. Raises ``ImageError``."""
        now = self.clock()
        if name in self._cache:
            since, image = self._cache[name]
            if now - since < self.max_age:
                return image
        try:
            data = self.read(name)
        except (OSError, LookupError) as error:
            raise ImageError(
                "missing-watermark",
                f"The watermark image {name!r}, which the recipe names, cannot be read.",
                reason=f"{type(error).__name__}: {error}",
            ) from error
        canvas = standardize(decode(open_source(data, self.limits), 1.0))
        image = to_srgb(orient(canvas)).image.convert("RGBA")
        if len(self._cache) >= CACHE_SIZE:
            del self._cache[min(self._cache, key=lambda each: self._cache[each][0])]
        self._cache[name] = (now, image)
        return image


def _read_none(name: str) -> bytes:
    raise LookupError(f"no folder or bucket was given to read {name!r} from")


NO_WATERMARK_IMAGES = WatermarkImages(_read_none)
"""For callers whose recipes name no watermark images."""
