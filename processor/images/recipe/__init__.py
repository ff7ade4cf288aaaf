"""The recipe language: which renditions to make of a picture, as strict, typed data."""

from processor.images.recipe.color import Tint
from processor.images.recipe.document import (
    Recipe,
    Rendition,
    decode_recipe,
    decode_recipes,
    load_recipes,
)
from processor.images.recipe.fields import Color, Density, Fraction, Gravity, Looking, Position
from processor.images.recipe.filters import Sharpen
from processor.images.recipe.outputs import Auto, Avif, Gif, Jpeg, Metadata, Output, Png, WebP
from processor.images.recipe.shape import Corners, Crop, Pad, Point, Resize, Rotate, Trim
from processor.images.recipe.watermark import Watermark

__all__ = [
    "Auto",
    "Avif",
    "Color",
    "Corners",
    "Crop",
    "Density",
    "Fraction",
    "Gif",
    "Gravity",
    "Jpeg",
    "Looking",
    "Metadata",
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
