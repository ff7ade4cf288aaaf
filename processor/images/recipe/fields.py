"""Types of recipe values, with their ranges."""

from typing import Annotated, Literal, get_args

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
SmartGravity = Literal["entropy", "attention", "face", "subject"]
"""Gravities that depend on the image's content."""
SMART_GRAVITIES: tuple[SmartGravity, ...] = get_args(SmartGravity)

Gravity = Literal[Position, SmartGravity]
"""The part of the image that a crop keeps. ``entropy`` keeps the part with the most detail,
``attention`` the one whose colors stand out. ``face`` keeps faces and ``subject`` the main objects,
if the image is analyzed (parameter ``Analyze``) and has any; otherwise both work as
``attention``."""


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of all parts of a recipe: immutable, and strict about unknown fields."""
