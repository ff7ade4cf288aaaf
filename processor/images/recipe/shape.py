"""Parameters of the steps that change an image's shape."""

from typing import Annotated, Literal

from msgspec import Meta

from processor.images.recipe.fields import (
    SMART_GRAVITIES,
    Color,
    Degrees,
    Fraction,
    Gravity,
    Pixels,
    Struct,
)


class Trim(Struct, frozen=True):
    """Remove a border of one color, that of the corners, or a transparent one."""

    tolerance: Annotated[int, Meta(ge=0, le=255)] = 10
    """Largest difference of a channel from the border's color, in tones."""


class Crop(Struct, frozen=True):
    """Crop to a box of the upright original, after ``trim``. The box is cut off at the edges."""

    left: Annotated[float, Meta(ge=0)]
    top: Annotated[float, Meta(ge=0)]
    width: Annotated[float, Meta(gt=0)]
    height: Annotated[float, Meta(gt=0)]
    unit: Literal["pixels", "fraction"] = "pixels"
    """``fraction``: all four are fractions of the image's width or height."""


class Rotate(Struct, frozen=True):
    """Rotate the image. Angles other than right angles add corners of ``background``."""

    angle: Degrees
    background: Color = "#00000000"


class Point(Struct, frozen=True):
    """A point, as fractions of the image's width and height from the top left."""

    x: Fraction
    y: Fraction


RATIO = Meta(pattern=r"^[1-9][0-9]{0,3}:[1-9][0-9]{0,3}$", description="Such as 16:9.")


class Resize(Struct, frozen=True):
    """The size of a rendition.

    ``width`` and ``height`` define a box, as does one of them with ``aspect_ratio``; with one
    alone, the other follows from the image. ``long_edge`` fits either orientation.
    """

    width: Pixels | None = None
    height: Pixels | None = None
    long_edge: Pixels | None = None
    aspect_ratio: Annotated[str, RATIO] | None = None
    """Such as ``16:9``. Without width and height: the largest box of this shape within the image,
    or with ``contain`` the smallest around it."""
    fit: Literal["cover", "contain", "fill", "inside", "outside"] = "inside"
    """``cover`` fills the box and crops the rest; ``contain`` shows the whole image and fills the
    rest of the box with ``background``; ``fill`` distorts the image to the box; ``inside`` scales
    the whole image to fit within the box, ``outside`` to enclose it."""
    gravity: Gravity = "center"
    """With ``cover``: the part that is kept. With ``contain``: the image's position in the box."""
    focal_point: Point | None = None
    """With ``cover``, instead of ``gravity``: the point that is kept as close to the center as
    possible."""
    background: Color = "#00000000"
    """With ``contain``: color of the rest of the box. Transparent parts of the image stay
    transparent: the rendition's ``background`` is the color behind them."""
    enlarge: bool = False
    """Whether a smaller image is scaled up. If not, ``cover`` crops it to the box's shape at a
    smaller size, and the others keep its size."""
    kernel: Literal["lanczos3", "mitchell", "nearest"] = "lanczos3"
    """``lanczos3`` is sharpest, ``mitchell`` softer and without halos; ``nearest`` keeps hard
    pixels."""

    def __post_init__(self) -> None:
        """Refuse sizes that contradict each other, and options without effect."""
        if self.long_edge and (self.width or self.height or self.aspect_ratio):
            raise ValueError("long_edge can't be combined with width, height or aspect_ratio")
        if not (self.width or self.height or self.long_edge or self.aspect_ratio):
            raise ValueError("resize needs width, height, long_edge or aspect_ratio")
        if self.width and self.height and self.aspect_ratio:
            raise ValueError("aspect_ratio follows from width and height: omit one of the three")
        if self.fit in ("inside", "outside") and not (self.width or self.height or self.long_edge):
            raise ValueError("aspect_ratio alone needs fit 'cover', 'contain' or 'fill'")
        if self.gravity in SMART_GRAVITIES and self.fit != "cover":
            raise ValueError(f"gravity {self.gravity!r} needs fit 'cover'")
        if self.focal_point and self.fit != "cover":
            raise ValueError("focal_point needs fit 'cover'")

    @property
    def follows_focal_point(self) -> bool:
        """Whether the image's own focal point is kept: the recipe names no point and no edge."""
        gravities = ("center", *SMART_GRAVITIES)
        return self.fit == "cover" and self.focal_point is None and self.gravity in gravities

    @property
    def ratio(self) -> float | None:
        """``aspect_ratio`` as width divided by height."""
        if self.aspect_ratio is None:
            return None
        across, down = self.aspect_ratio.split(":")
        return int(across) / int(down)


class Pad(Struct, frozen=True):
    """Add a margin around the finished image, in pixels."""

    top: Annotated[int, Meta(ge=0, le=4096)] = 0
    right: Annotated[int, Meta(ge=0, le=4096)] = 0
    bottom: Annotated[int, Meta(ge=0, le=4096)] = 0
    left: Annotated[int, Meta(ge=0, le=4096)] = 0
    color: Color = "#ffffff"
    """Color of the margin. Transparent parts of the image stay transparent: the rendition's
    ``background`` is the color behind them."""


class Corners(Struct, frozen=True):
    """Round the corners, which become transparent."""

    radius: Annotated[float, Meta(gt=0, le=8192)]
    """Pixels; at most half the shorter side takes effect."""
