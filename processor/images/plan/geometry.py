"""Which part of an original a rendition shows, and how large: sizes only, no pixels."""

import math
from dataclasses import dataclass

from processor.images.recipe import Crop, Rendition, Resize

Size = tuple[int, int]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom, as fractions of a picture's width and height."""

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
RIGHT_ANGLES = {90: 6, 180: 3, 270: 8}
"""The EXIF orientation that is undone by turning clockwise by each angle."""
TURNED_GAP = 2.0
"""How much larger than the rendition a picture is turned by odd angles, so that it stays sharp."""

MOST_TURNED = 16_000_000
"""Pixels beyond which a picture that is turned is not made larger than the rendition."""


@dataclass(frozen=True, slots=True)
class Turned:
    """What is left to do after turning by an odd angle: the corners' box is cropped and scaled."""

    region: Box
    size: Size


@dataclass(frozen=True, slots=True)
class Geometry:
    """Which part of the upright original a rendition shows, and how large."""

    region: Box
    size: Size
    """Width and height, in pixels, to which ``region`` is scaled before it is turned."""
    scale: float
    """Pixels of the rendition for one of the original, on the axis that has more of them."""
    turned: Turned | None = None
    canvas: Size | None = None
    """The box, in pixels, in which the picture lies; None where it fills it."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing of the original is cropped away."""
        return self.region == WHOLE

    @property
    def final(self) -> Size:
        """Size of the picture in pixels, before a right angle, rounding and margins."""
        return self.canvas or (self.turned.size if self.turned else self.size)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Where ``Resize`` takes a picture: what it crops, how large that becomes, and the box."""

    region: Box
    size: Size
    scale: float
    canvas: Size | None = None


def plan(
    width: int,
    height: int,
    rendition: Rendition,
    density: float = 1.0,
    trimmed: Box = WHOLE,
    focus: tuple[float, float] | None = None,
) -> Geometry:
    """Where ``rendition`` takes an upright original of ``width`` x ``height`` pixels.

    ``trimmed`` is the part that trimming leaves; ``focus`` the point that ``cover`` keeps, where
    it was found by looking at the picture. Raises ``ValueError`` where a crop misses the picture.
    """
    base = cropped(width, height, rendition.crop, trimmed)
    region_width, region_height = (base[2] - base[0]) * width, (base[3] - base[1]) * height
    angle = rendition.rotate.angle % 360 if rendition.rotate else 0
    turned_width, turned_height = bounds(region_width, region_height, angle)
    fitted = fit(turned_width, turned_height, rendition.resize, density, focus)
    if angle == 0:
        region = within(base, fitted.region)
        return Geometry(region, fitted.size, fitted.scale, canvas=fitted.canvas)
    if angle in RIGHT_ANGLES:
        region = within(base, stored_box(fitted.region, RIGHT_ANGLES[int(angle)]))
        size = fitted.size if angle == 180 else fitted.size[::-1]
        return Geometry(region, size, fitted.scale, canvas=fitted.canvas)
    room = math.sqrt(MOST_TURNED / (turned_width * turned_height))
    scale = min(1.0, fitted.scale * TURNED_GAP, max(fitted.scale, room))
    return Geometry(
        region=base,
        size=whole_pixels(region_width * scale, region_height * scale),
        scale=scale,
        turned=Turned(fitted.region, fitted.size),
        canvas=fitted.canvas,
    )


def cropped(width: int, height: int, crop: Crop | None, trimmed: Box) -> Box:
    """The part of the original that an explicit box leaves of what trimming left."""
    if crop is None:
        return trimmed
    across, down = (trimmed[2] - trimmed[0]) * width, (trimmed[3] - trimmed[1]) * height
    x, y = (1.0, 1.0) if crop.unit == "fraction" else (1 / across, 1 / down)
    box = (
        crop.left * x,
        crop.top * y,
        min(1.0, (crop.left + crop.width) * x),
        min(1.0, (crop.top + crop.height) * y),
    )
    if box[0] >= 1 or box[1] >= 1:
        raise ValueError(
            f"The box to crop begins at ({crop.left:g}, {crop.top:g}) {crop.unit}, outside the "
            f"picture of {across:.0f} x {down:.0f} pixels."
        )
    return within(trimmed, box)


def fit(
    width: float,
    height: float,
    resize: Resize | None,
    density: float = 1.0,
    focus: tuple[float, float] | None = None,
) -> Fitted:
    """Where ``resize`` takes a picture of ``width`` x ``height`` pixels."""
    if resize is None:
        return Fitted(WHOLE, whole_pixels(width, height), 1.0)
    box_width, box_height = box_of(width, height, resize, density)
    across, down = box_width / width, box_height / height
    most = math.inf if resize.enlarge else 1.0
    match resize.fit:
        case "fill":
            across, down = min(most, across), min(most, down)
            size = whole_pixels(width * across, height * down)
            return Fitted(WHOLE, size, max(across, down))
        case "cover":
            return _cover(width, height, (box_width, box_height), resize, focus)
        case "outside":
            scale = min(most, max(across, down))
        case "inside" | "contain":
            scale = min(most, across, down)
    size = whole_pixels(width * scale, height * scale)
    canvas = whole_pixels(box_width, box_height) if resize.fit == "contain" else None
    return Fitted(WHOLE, size, scale, canvas if canvas != size else None)


def _cover(
    width: float,
    height: float,
    box: tuple[float, float],
    resize: Resize,
    focus: tuple[float, float] | None,
) -> Fitted:
    """Fill the box; it shrinks, and keeps its shape, where the picture does not fill it."""
    shrink = 1.0 if resize.enlarge else min(1.0, width / box[0], height / box[1])
    box_width, box_height = box[0] * shrink, box[1] * shrink
    scale = max(box_width / width, box_height / height)
    across = min(1.0, box_width / (width * scale))
    down = min(1.0, box_height / (height * scale))
    if resize.focal_point:
        focus = (resize.focal_point.x, resize.focal_point.y)
    if focus:
        left = min(max(0.0, focus[0] - across / 2), 1 - across)
        top = min(max(0.0, focus[1] - down / 2), 1 - down)
    else:
        x, y = anchor(resize.gravity)
        left, top = (1 - across) * x, (1 - down) * y
    region = (left, top, left + across, top + down)
    return Fitted(region, whole_pixels(box_width, box_height), scale)


def box_of(width: float, height: float, resize: Resize, density: float) -> tuple[float, float]:
    """The box that is asked for, in pixels; what was left open follows from the picture."""
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


def anchor(position: str) -> tuple[float, float]:
    """Where the space goes: 0 is left or top, 1 right or bottom."""
    x = 0.0 if "left" in position else 1.0 if "right" in position else 0.5
    y = 0.0 if "top" in position else 1.0 if "bottom" in position else 0.5
    return x, y


def bounds(width: float, height: float, angle: float) -> tuple[float, float]:
    """Width and height of the box around a picture that was turned by ``angle`` degrees."""
    if angle % 180 == 0:
        return width, height
    if angle % 90 == 0:
        return height, width
    cosine, sine = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    return width * cosine + height * sine, width * sine + height * cosine


def within(outer: Box, inner: Box) -> Box:
    """A part of a part, as a part of the whole."""
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
    """Where a box of the upright picture lies in the one stored with this EXIF orientation."""
    left, top, right, bottom = box
    if orientation in (5, 6, 7, 8):
        left, top, right, bottom = top, left, bottom, right
    if orientation in (2, 3, 7, 8):
        left, right = 1 - right, 1 - left
    if orientation in (3, 4, 6, 7):
        top, bottom = 1 - bottom, 1 - top
    return left, top, right, bottom


def whole_pixels(width: float, height: float) -> Size:
    """The nearest size in whole pixels, never empty."""
    return max(1, round(width)), max(1, round(height))
