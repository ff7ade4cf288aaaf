"""Parameters of the operations that change a picture's shape."""

from typing import Annotated, Literal, get_args

from msgspec import Meta

from processor.images.recipe.fields import (
    Color,
    Degrees,
    Fraction,
    Gravity,
    Looking,
    Pixels,
    Struct,
)


class Trim(Struct, frozen=True):
    """Cut off a border of one color: that of the corners, or transparent."""

    tolerance: Annotated[int, Meta(ge=0, le=255)] = 10
    """How far a channel may be from the border's color and still belong to the border."""


class Crop(Struct, frozen=True):
    """A box of the upright original, after trimming. What stands over the picture is left out."""

    left: Annotated[float, Meta(ge=0)]
    top: Annotated[float, Meta(ge=0)]
    width: Annotated[float, Meta(gt=0)]
    height: Annotated[float, Meta(gt=0)]
    unit: Literal["pixels", "fraction"] = "pixels"
    """``fraction``: all four are parts of the picture's width or height."""


class Rotate(Struct, frozen=True):
    """Turn the picture. At other angles than right ones, corners of ``background`` appear."""

    angle: Degrees
    background: Color = "#00000000"


class Point(Struct, frozen=True):
    """A place in the picture, as fractions of its width and height from the top left."""

    x: Fraction
    y: Fraction


RATIO = Meta(pattern=r"^[1-9][0-9]{0,3}:[1-9][0-9]{0,3}$", description="As 16:9.")


class Resize(Struct, frozen=True):
    """The size of a rendition.

    ``width`` and ``height`` make a box, and so do either of them with ``aspect_ratio``; one alone
    lets the other follow from the picture. ``long_edge`` is for either orientation.
    """

    width: Pixels | None = None
    height: Pixels | None = None
    long_edge: Pixels | None = None
    aspect_ratio: Annotated[str, RATIO] | None = None
    """``16:9``. With no width or height: the largest box of this shape in the picture, or with
    ``contain`` the smallest around it."""
    fit: Literal["cover", "contain", "fill", "inside", "outside"] = "inside"
    """``cover`` fills the box and crops what stands over; ``contain`` keeps the whole picture and
    fills the rest of the box with ``background``; ``fill`` distorts; ``inside`` keeps the whole
    picture within the box, ``outside`` around it."""
    gravity: Gravity = "center"
    """With ``cover``: what is kept. With ``contain``: where in the box the picture lies."""
    focal_point: Point | None = None
    """With ``cover``, in place of ``gravity``: stays as near to the middle as can be."""
    background: Color = "#00000000"
    enlarge: bool = False
    """Whether a picture that is too small is scaled up. If not, ``cover`` gives a smaller picture
    of the box's shape, and the others one that is not enlarged."""
    kernel: Literal["lanczos3", "mitchell", "nearest"] = "lanczos3"
    """``lanczos3`` is sharpest, ``mitchell`` softer and without halos, ``nearest`` keeps pixels
    as they are."""

    def __post_init__(self) -> None:
        """Refuse sizes that contradict one another, or say nothing."""
        if self.long_edge and (self.width or self.height or self.aspect_ratio):
            raise ValueError("long_edge stands alone: leave width, height and aspect_ratio out")
        if not (self.width or self.height or self.long_edge or self.aspect_ratio):
            raise ValueError("one of width, height, long_edge and aspect_ratio is needed")
        if self.width and self.height and self.aspect_ratio:
            raise ValueError("aspect_ratio follows from width and height: leave one of them out")
        if self.fit in ("inside", "outside") and not (self.width or self.height or self.long_edge):
            raise ValueError("aspect_ratio alone needs fit 'cover', 'contain' or 'fill'")
        if self.gravity in get_args(Looking) and self.fit != "cover":
            raise ValueError(f"gravity {self.gravity!r} chooses what to crop: it needs fit 'cover'")
        if self.focal_point and self.fit != "cover":
            raise ValueError("focal_point chooses what to crop: it needs fit 'cover'")

    @property
    def ratio(self) -> float | None:
        """Width for each unit of height, where ``aspect_ratio`` is given."""
        if self.aspect_ratio is None:
            return None
        across, down = self.aspect_ratio.split(":")
        return int(across) / int(down)


class Pad(Struct, frozen=True):
    """A margin around the finished picture."""

    top: Annotated[int, Meta(ge=0, le=4096)] = 0
    right: Annotated[int, Meta(ge=0, le=4096)] = 0
    bottom: Annotated[int, Meta(ge=0, le=4096)] = 0
    left: Annotated[int, Meta(ge=0, le=4096)] = 0
    color: Color = "#ffffff"


class Corners(Struct, frozen=True):
    """Round the corners; what is cut off becomes transparent."""

    radius: Annotated[float, Meta(gt=0, le=8192)]
    """Pixels; at most half the shorter side."""
