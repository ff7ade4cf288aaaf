"""Pictures that are laid over others: fetched, decoded and kept for the next rendition."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

from processor.images.decode.decoder import decode
from processor.images.decode.source import open_source
from processor.images.errors import ImageError
from processor.images.limits import Limits
from processor.images.steps.orient import upright
from processor.images.steps.standardize import standardize
from processor.images.steps.to_srgb import in_srgb

KEPT = 8
"""Most watermark_images that are kept decoded."""


@dataclass(slots=True)
class WatermarkImages:
    """The image watermarks that recipes name."""

    read: Callable[[str], bytes]
    """Gives the bytes of the picture of a name; raises ``OSError`` or ``LookupError`` if it cannot.
    """
    seconds_fresh: float = 60.0
    """How long a mark is kept: one may be replaced under its name."""
    limits: Limits = field(default_factory=lambda: Limits(max_pixels=8_000_000))
    _kept: dict[str, tuple[float, Image.Image]] = field(default_factory=dict)

    def picture(self, name: str) -> Image.Image:
        """The mark as RGBA, upright and in sRGB. Raises ``ImageError``."""
        now = time.monotonic()
        since, picture = self._kept.get(name, (None, None))
        if picture is not None and since is not None and now - since < self.seconds_fresh:
            return picture
        try:
            data = self.read(name)
        except (OSError, LookupError) as error:
            raise ImageError(
                "missing-watermark",
                f"The picture {name!r}, which the recipe lays over others, cannot be read.",
                reason=f"{type(error).__name__}: {error}",
            ) from error
        canvas = in_srgb(upright(standardize(decode(open_source(data, self.limits), 1.0))))
        picture = canvas.image.convert("RGBA")
        if len(self._kept) >= KEPT:
            del self._kept[min(self._kept, key=lambda each: self._kept[each][0])]
        self._kept[name] = (now, picture)
        return picture


def none(name: str) -> bytes:
    """Read no watermark_images: for callers whose recipes have none."""
    raise LookupError(f"no folder or bucket was given to read {name!r} from")
