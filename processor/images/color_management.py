"""Conversions between ICC profiles, by LittleCMS."""

import io
from collections.abc import Callable
from functools import cache, lru_cache
from itertools import product

from PIL import Image, ImageChops, ImageCms

SPACES = {
    "L": ("GRAY", "RGB "),
    "RGB": ("RGB ", "GRAY"),
    "RGBA": ("RGB ", "GRAY"),
    "CMYK": ("CMYK",),
}
"""ICC signatures of the color spaces that each mode can have (ICC.1:2022, 7.2.6). Gray images with
alpha are RGBA."""

WIDE = 1.1
"""Area in the chromaticity diagram, relative to that of sRGB, from which a gamut is wider."""

GRAYS = Image.frombytes("L", (256, 1), bytes(range(256)))

Convert = Callable[[Image.Image], Image.Image]


@lru_cache(maxsize=32)
def conversion(profile: bytes, mode: str, target: bytes | None = None) -> Convert | None:
    """Return the conversion of images from one profile to another, or to sRGB.

    None if it would change nothing, or the profile is broken or for another color space. Cached:
    building one takes longer than converting a thumbnail, and cameras share few profiles.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space
        if space not in SPACES[mode]:
            return None
        if space == "GRAY":
            return _gray_curve(_transform(source, "L", target))
        if mode == "L":
            return _gray_curve(_transform(source, "RGB", target))
        convert = _transform(source, mode, target)
        if mode == "CMYK":
            return convert.apply
        opaque = convert if mode == "RGB" else _transform(source, "RGB", target)
        return None if _is_close(opaque.apply(_grid()), _grid()) else convert.apply
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


@cache
def _grid() -> Image.Image:
    """Return colors from all of the space, to compare profiles by."""
    tones = (*range(0, 256, 16), 255)
    colors = bytes(tone for color in product(tones, repeat=3) for tone in color)
    return Image.frombytes("RGB", (len(tones) ** 3, 1), colors)


def _transform(
    source: ImageCms.ImageCmsProfile, mode: str, target: bytes | None
) -> ImageCms.ImageCmsTransform:
    """Return LittleCMS's transform from ``mode`` to RGB, or RGBA from RGBA.

    The darkest ink becomes black: without compensation, CMYK has a gray haze.
    """
    return ImageCms.buildTransform(
        source,
        ImageCms.ImageCmsProfile(io.BytesIO(target)) if target else ImageCms.createProfile("sRGB"),
        mode,
        "RGBA" if mode == "RGBA" else "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION if mode == "CMYK" else ImageCms.Flags.NONE,
    )


def _gray_curve(convert: ImageCms.ImageCmsTransform) -> Convert | None:
    """Return the conversion of gray tones: one curve, unless the profile colors them."""
    grays = GRAYS.convert(convert.input_mode)
    tones = convert.apply(grays)
    if _is_close(tones, grays.convert("RGB")):
        return None
    red, green, blue = (list(band.tobytes()) for band in tones.split())
    if max(max(trio) - min(trio) for trio in zip(red, green, blue, strict=True)) <= 1:
        red = blue = green

    def apply(image: Image.Image) -> Image.Image:
        if image.mode != "L":
            return image.point([*red, *green, *blue, *range(256)][: 256 * len(image.getbands())])
        if red is green:
            return image.point(green)
        return Image.merge("RGB", [image.point(curve) for curve in (red, green, blue)])

    return apply


def _is_close(one: Image.Image, other: Image.Image) -> bool:
    """Whether no tone differs by more than the rounding."""
    return not any(
        ImageChops.difference(one, other).point([n > 1 for n in range(256)] * 3).tobytes()
    )


@lru_cache(maxsize=32)
def is_wide(profile: bytes) -> bool:
    """Whether an RGB profile has a wider gamut than sRGB, by the primaries that it names."""
    try:
        found = _gamut(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
        return found > WIDE * _gamut(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")))
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, ZeroDivisionError):
        return False


def _gamut(profile: ImageCms.ImageCmsProfile) -> float:
    """Return twice the area of the triangle of the primaries' chromaticities."""
    inner = profile.profile
    corners = []
    for color in (inner.red_colorant, inner.green_colorant, inner.blue_colorant):
        if color is None:
            raise ValueError("no primaries")
        x, y, z = color[0]
        corners.append((x / (x + y + z), y / (x + y + z)))
    (ax, ay), (bx, by), (cx, cy) = corners
    return abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay))
