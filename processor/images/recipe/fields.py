"""The kinds of values that recipes are made of, with their ranges."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Pixels = Annotated[int, Meta(ge=1, le=16_384, description="Pixels.")]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Percentage = Annotated[int, Meta(ge=1, le=100)]
Factor = Annotated[float, Meta(ge=0, le=10, description="1 changes nothing.")]
Degrees = Annotated[float, Meta(ge=-360, le=360, description="Degrees; clockwise is positive.")]
Density = Annotated[
    float, Meta(ge=1, le=4, description="Device pixels for each pixel of the layout.")
]
Color = Annotated[
    str,
    Meta(
        pattern=r"^#[0-9a-fA-F]{6}([0-9a-fA-F]{2})?$",
        description="#rrggbb, or #rrggbbaa with opacity: #00000000 is transparent.",
    ),
]
OpaqueColor = Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$", description="#rrggbb.")]
Position = Literal[
    "top-left",
    "top",
    "top-right",
    "left",
    "center",
    "right",
    "bottom-left",
    "bottom",
    "bottom-right",
]
Looking = Literal["entropy", "attention", "face", "subject"]
"""Those that depend on what is in the picture."""

Gravity = Literal[Position, Looking]
"""Which part of the picture stays where some has to go. ``entropy`` keeps the busiest part,
``attention`` the one whose colors stand out; ``face`` keeps faces and ``subject`` what the picture
is of, where the picture is analyzed (parameter ``Analyze``) and one was found, and else does as
``attention``."""


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all parts of a recipe have in common: immutable, and no field is ignored."""
