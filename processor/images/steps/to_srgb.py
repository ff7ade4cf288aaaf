"""Convert from the image's ICC profile to sRGB, the color space that browsers assume."""

import io
from dataclasses import replace
from functools import lru_cache

from PIL import ImageCms

from processor.images.canvas import Canvas, Job

SPACES = {"L": "GRAY", "RGB": "RGB ", "RGBA": "RGB ", "CMYK": "CMYK"}
"""ICC signature of the color space of each mode (ICC.1:2022, 7.2.6)."""

OUTPUT_MODES = {"L": "RGB", "RGB": "RGB", "RGBA": "RGBA", "CMYK": "RGB"}


def to_srgb(canvas: Canvas, _job: Job | None = None) -> Canvas:
    """Convert to sRGB; pixels without a usable profile are in sRGB already."""
    convert = transform(canvas.profile, canvas.image.mode) if canvas.profile else None
    if convert is not None:
        canvas = canvas.map(convert.apply)
    elif canvas.image.mode == "CMYK":
        canvas = canvas.map(lambda image: image.convert("RGB"))
    return replace(canvas, profile=None)


@lru_cache(maxsize=32)
def transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the transform to sRGB; None if the profile is broken or for another color space.

    Cached: building one takes longer than converting a thumbnail, and cameras share few profiles.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space != SPACES[mode]:
            return None
        return ImageCms.buildTransform(
            source,
            ImageCms.createProfile("sRGB"),
            mode,
            OUTPUT_MODES[mode],
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
