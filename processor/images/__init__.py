"""The image engine: bytes and a recipe in, renditions out. Knows nothing of any cloud."""

from processor.images.errors import ImageError
from processor.images.limits import Limits
from processor.images.recipe import Recipe, Rendition, load_recipes
from processor.images.render import Encoded, Rendered, render

__all__ = [
    "Encoded",
    "ImageError",
    "Limits",
    "Recipe",
    "Rendered",
    "Rendition",
    "load_recipes",
    "render",
]
