"""The recipe language: the renditions of an image, as strict, typed data."""

from processor.images.recipe.color import Tint
from processor.images.recipe.document import (
    Recipe,
    Rendition,
    decode_recipe,
    decode_recipes,
    load_recipes,
)
from processor.images.recipe.fields import (
    SMART_GRAVITIES,
    Color,
    Density,
    Fraction,
    Gravity,
    Position,
)
from processor.images.recipe.filters import Sharpen
from processor.images.recipe.on_the_fly import Base, OnTheFly
from processor.images.recipe.outputs import Auto, Avif, Gif, Jpeg, Metadata, Output, Png, WebP
from processor.images.recipe.shape import Corners, Crop, Pad, Point, Resize, Rotate, Trim
from processor.images.recipe.watermark import Watermark

__all__ = [
    "SMART_GRAVITIES",
    "Auto",
    "Avif",
    "Base",
    "Color",
    "Corners",
    "Crop",
    "Density",
    "Fraction",
    "Gif",
    "Gravity",
    "Jpeg",
    "Metadata",
    "OnTheFly",
    "Output",
    "Pad",
    "Png",
    "Point",
    "Position",
    "Recipe",
    "Rendition",
    "Resize",
    "Rotate",
    "Sharpen",
    "Tint",
    "Trim",
    "Watermark",
    "WebP",
    "decode_recipe",
    "decode_recipes",
    "load_recipes",
]
