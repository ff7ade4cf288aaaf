"""Watermark images and fonts: read by name, decoded, and cached for later renditions."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PIL import Image

from processor.images.decode.decoder import decode
from processor.images.decode.source import open_source
from processor.images.errors import ImageError
from processor.images.limits import Limits
from processor.images.recipe import Watermark
from processor.images.steps.orient import orient
from processor.images.steps.standardize import standardize
from processor.images.steps.to_srgb import to_srgb

if TYPE_CHECKING:
    from processor.images.text.fonts import Font

CACHE_SIZE = 8
"""Largest number of decoded images in the cache."""


@dataclass(slots=True)
class WatermarkImages:
    """The images and fonts that recipes name in their watermarks."""

    read: Callable[[str], bytes]
    """Returns the file of a name. Raises ``OSError`` or ``LookupError`` if it cannot be read."""
    max_age: float = 60.0
    """Seconds that an image is cached: the file may be replaced under its name."""
    limits: Limits = field(default_factory=lambda: Limits(max_pixels=8_000_000))
    clock: Callable[[], float] = time.monotonic
    _cache: dict[str, tuple[float, Image.Image]] = field(default_factory=dict)
    _fonts: "dict[str, tuple[float, Font]]" = field(default_factory=dict)

    def load(self, name: str) -> Image.Image:
        """Return an image as RGBA, upright and in sRGB. Raises ``ImageError``."""
        now = self.clock()
        if name in self._cache:
            since, image = self._cache[name]
            if now - since < self.max_age:
                return image
        data = self._read(name, "watermark image")
        canvas = standardize(decode(open_source(data, self.limits), 1.0))
        image = to_srgb(orient(canvas)).image.convert("RGBA")
        if len(self._cache) >= CACHE_SIZE:
            del self._cache[min(self._cache, key=lambda each: self._cache[each][0])]
        self._cache[name] = (now, image)
        return image

    def load_font(self, watermark: Watermark) -> "Font":
        """Return the font file that a text watermark names.

        Raises ``ImageError``, also if no font has all characters of the text.
        """
        # Imported for the first text: most functions never draw one.
        from processor.images.steps.text_watermark import MIN_FONT_SIZE  # noqa: PLC0415
        from processor.images.text.fonts import (  # noqa: PLC0415
            Font,
            bundled,
            cleaned,
            missing,
            named,
        )

        name = (watermark.font or "").removeprefix("assets/")
        now = self.clock()
        since, font = self._fonts.get(name, (0.0, None))
        if font is None or now - since >= self.max_age:
            try:
                font = Font(self._read(name, "font"))
                font.at_size(MIN_FONT_SIZE)
            except Exception as error:
                # HarfBuzz and Pillow raise errors of several kinds over broken fonts.
                if isinstance(error, ImageError | MemoryError):
                    raise
                raise ImageError(
                    "missing-watermark",
                    f"The font {name!r}, which the recipe names, cannot be used: {error}.",
                ) from error
            self._fonts.clear()  # fonts are large, and recipes use one
            self._fonts[name] = (now, font)
        if lacking := missing(cleaned(watermark.text or ""), (font, *bundled())):
            raise ImageError(
                "missing-watermark",
                f"Neither the font {name!r} nor a bundled one has {named(lacking)}, which the "
                "watermark's text has. Change the recipe's text, or its font.",
            )
        return font

    def _read(self, name: str, kind: str) -> bytes:
        try:
            return self.read(name)
        except (OSError, LookupError) as error:
            raise ImageError(
                "missing-watermark",
                f"The {kind} {name!r}, which the recipe names, cannot be read.",
                reason=f"{type(error).__name__}: {error}",
            ) from error


def _read_none(name: str) -> bytes:
    raise LookupError(f"no folder or bucket was given to read {name!r} from")


NO_WATERMARK_IMAGES = WatermarkImages(_read_none)
"""For callers whose recipes name no watermark images."""
