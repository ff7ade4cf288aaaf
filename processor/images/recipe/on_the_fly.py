"""Variants on the fly: what their URLs may request, and what every variant has."""

from typing import Literal, get_args

from processor.images.recipe.fields import Pixels, Struct
from processor.images.recipe.filters import Sharpen
from processor.images.recipe.shape import Trim
from processor.images.recipe.watermark import Watermark

Option = Literal["w", "h", "le", "ar", "fit", "g", "el", "bg", "q"]
OPTIONS: tuple[Option, ...] = get_args(Option)


class Base(Struct, frozen=True):
    """Operations of every variant, whatever its URL requests. Renditions have their own."""

    trim: Trim | None = None
    sharpen: Sharpen | None = None
    watermark: Watermark | None = None


class OnTheFly(Struct, frozen=True):
    """Variants of images with this recipe, which are rendered when their URLs are requested.

    URLs with the name of a rendition are always allowed.
    """

    allow: tuple[Option, ...] = OPTIONS
    """The options that URLs may have. ``[]`` allows only the names of renditions."""
    max_side: Pixels = 4096
    """Longest side of a variant. An original that is larger is shrunk if the URL has no size."""
    base: Base = Base()
