"""Geometry of a rendition: the region of the original that it shows, and its size in pixels."""

import math
from dataclasses import dataclass

from processor.images.errors import ImageError
from processor.images.recipe import Rendition, Resize

Size = tuple[int, int]
"""Width and height in pixels."""
Point = tuple[float, float]
"""Left and top, as fractions of an image's width and height."""
Box = tuple[float, float, float, float]
"""Left, top, right and bottom, as fractions of an image's width and height."""

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)

RIGHT_ANGLES = {90: 6, 180: 3, 270: 8}
"""The EXIF orientation that a clockwise rotation by each angle corrects."""

ROTATION_MARGIN = 2.0
"""Factor by which an image is larger than its rendition when it is rotated by an odd angle, which
blurs it."""

MAX_ROTATED_PIXELS = 16_000_000
"""Pixels up to which ``ROTATION_MARGIN`` is applied."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """The crop and the size that remain to be applied after a rotation by an odd angle."""

    region: Box
    size: Size


@dataclass(frozen=True, slots=True)
class Geometry:
    """The region of the upright original that a rendition shows, and its size."""

    region: Box
    size: Size
    """Size to which ``region`` is scaled before it is rotated."""
    scale: float
    """Pixels of the rendition for each of the original, on the axis that has more of them."""
    rotated: Rotated | None = None
    canvas: Size | None = None
    """Size of the box in which ``contain`` places the image; None where the image fills it."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the original is cropped."""
        return self.region == WHOLE

    @property
    def final(self) -> Size:
        """The rendition's size before right-angle rotation, rounding and padding."""
        return self.canvas or (self.rotated.size if self.rotated else self.size)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The result of ``Resize``: what it crops, the size that becomes, and the box around it."""

    region: Box
    size: Size
    scale: float
    canvas: Size | None = None


def plan(
    original: Size,
    rendition: Rendition,
    density: float = 1.0,
    region: Box = WHOLE,
    focal_point: Point | None = None,
) -> Geometry:
    """Return the geometry of ``rendition``.

    ``original`` is the upright original's size, ``region`` what ``trim`` and ``crop`` leave of it,
    and ``focal_point`` the point of that region that ``cover`` keeps.
    """
    region_width = (region[2] - region[0]) * original[0]
    region_height = (region[3] - region[1]) * original[1]
    angle = rendition.rotation
    width, height = bounds(region_width, region_height, angle)
    fitted = fit(width, height, rendition.resize, density, focal_point)
    if angle == 0:
        shown = within(region, fitted.region)
        return Geometry(shown, fitted.size, fitted.scale, canvas=fitted.canvas)
    if angle in RIGHT_ANGLES:
        shown = within(region, stored_box(fitted.region, RIGHT_ANGLES[int(angle)]))
        size = fitted.size if angle == 180 else fitted.size[::-1]
        return Geometry(shown, size, fitted.scale, canvas=fitted.canvas)
    largest = math.sqrt(MAX_ROTATED_PIXELS / (width * height))
    scale = min(1.0, fitted.scale * ROTATION_MARGIN, max(fitted.scale, largest))
    return Geometry(
        region=region,
        size=whole_pixels(region_width * scale, region_height * scale),
        scale=scale,
        rotated=Rotated(fitted.region, fitted.size),
        canvas=fitted.canvas,
    )


def crop_region(original: Size, rendition: Rendition, trimmed: Box = WHOLE) -> Box:
    """Return the part of ``trimmed`` that the rendition's explicit crop leaves.

    Raises ``ImageError`` where nothing is left.
    """
    crop = rendition.crop
    if crop is None:
        return trimmed
    width, height = (trimmed[2] - trimmed[0]) * original[0], (trimmed[3] - trimmed[1]) * original[1]
    x, y = (1.0, 1.0) if crop.unit == "fraction" else (1 / width, 1 / height)
    box = (
        crop.left * x,
        crop.top * y,
        min(1.0, (crop.left + crop.width) * x),
        min(1.0, (crop.top + crop.height) * y),
    )
    if box[0] >= 1 or box[1] >= 1:
        raise ImageError(
            "crop-outside",
            f"The crop box of {rendition.name!r} starts at ({crop.left:g}, {crop.top:g}) "
            f"{crop.unit}, outside the image of {width:.0f} x {height:.0f} pixels.",
        )
    return within(trimmed, box)


def fit(
    width: float,
    height: float,
    resize: Resize | None,
    density: float = 1.0,
    focal_point: Point | None = None,
) -> Fitted:
    """Return how ``resize`` fits an image of ``width`` x ``height`` pixels."""
    if resize is None:
        return Fitted(WHOLE, whole_pixels(width, height), 1.0)
    box_width, box_height = box_of(width, height, resize, density)
    across, down = box_width / width, box_height / height
    largest = math.inf if resize.enlarge else 1.0
    match resize.fit:
        case "fill":
            across, down = min(largest, across), min(largest, down)
            size = whole_pixels(width * across, height * down)
            return Fitted(WHOLE, size, max(across, down))
        case "cover":
            return _cover(width, height, (box_width, box_height), resize, focal_point)
        case "outside":
            scale = min(largest, max(across, down))
        case "inside" | "contain":
            scale = min(largest, across, down)
    size = whole_pixels(width * scale, height * scale)
    canvas = whole_pixels(box_width, box_height) if resize.fit == "contain" else None
    return Fitted(WHOLE, size, scale, canvas if canvas != size else None)


def _cover(
    width: float,
    height: float,
    box: tuple[float, float],
    resize: Resize,
    focal_point: Point | None,
) -> Fitted:
    """Fill the box. For an image that is too small to fill it, the box shrinks in proportion."""
    shrink = 1.0 if resize.enlarge else min(1.0, width / box[0], height / box[1])
    box_width, box_height = box[0] * shrink, box[1] * shrink
    scale = max(box_width / width, box_height / height)
    across = min(1.0, box_width / (width * scale))
    down = min(1.0, box_height / (height * scale))
    if resize.focal_point:
        focal_point = (resize.focal_point.x, resize.focal_point.y)
    if focal_point:
        left = min(max(0.0, focal_point[0] - across / 2), 1 - across)
        top = min(max(0.0, focal_point[1] - down / 2), 1 - down)
    else:
        x, y = anchor(resize.gravity)
        left, top = (1 - across) * x, (1 - down) * y
    region = (left, top, left + across, top + down)
    return Fitted(region, whole_pixels(box_width, box_height), scale)


def box_of(width: float, height: float, resize: Resize, density: float) -> tuple[float, float]:
    """Return the box that ``resize`` asks for, in pixels; omitted sides follow from the image."""
    if resize.long_edge:
        return resize.long_edge * density, resize.long_edge * density
    ratio = resize.ratio or width / height
    if resize.width and resize.height:
        box = float(resize.width), float(resize.height)
    elif resize.width:
        box = resize.width, resize.width / ratio
    elif resize.height:
        box = resize.height * ratio, resize.height
    elif resize.fit == "contain":
        return max(width, height * ratio), max(height, width / ratio)
    else:
        return min(width, height * ratio), min(height, width / ratio)
    return box[0] * density, box[1] * density


def anchor(position: str) -> Point:
    """Return the point of the nine positions: 0 is left or top, 1 right or bottom."""
    x = 0.0 if "left" in position else 1.0 if "right" in position else 0.5
    y = 0.0 if "top" in position else 1.0 if "bottom" in position else 0.5
    return x, y


def bounds(width: float, height: float, angle: float) -> tuple[float, float]:
    """Return width and height of the box around an image rotated by ``angle`` degrees."""
    if angle % 180 == 0:
        return width, height
    if angle % 90 == 0:
        return height, width
    cosine, sine = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    return width * cosine + height * sine, width * sine + height * cosine


def within(outer: Box, inner: Box) -> Box:
    """Return ``inner``, which is relative to ``outer``, relative to the whole image."""
    if outer == WHOLE:
        return inner
    width, height = outer[2] - outer[0], outer[3] - outer[1]
    return (
        outer[0] + inner[0] * width,
        outer[1] + inner[1] * height,
        outer[0] + inner[2] * width,
        outer[1] + inner[3] * height,
    )


def stored_box(box: Box, orientation: int) -> Box:
    """Return where a box of the upright image lies in one stored with this EXIF orientation."""
    left, top, right, bottom = box
    if orientation in (5, 6, 7, 8):
        left, top, right, bottom = top, left, bottom, right
    if orientation in (2, 3, 7, 8):
        left, right = 1 - right, 1 - left
    if orientation in (3, 4, 6, 7):
        top, bottom = 1 - bottom, 1 - top
    return left, top, right, bottom


def whole_pixels(width: float, height: float) -> Size:
    """Return the nearest size in whole pixels, at least 1 x 1."""
    return max(1, round(width)), max(1, round(height))
