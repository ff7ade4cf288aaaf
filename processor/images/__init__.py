"""The image engine: bytes and a recipe in, renditions out. Knows nothing of any cloud."""

from processor.images.decode.source import Header, Source, open_source
from processor.images.describe.analysis import Analysis
from processor.images.encode.encoder import Encoded
from processor.images.errors import ImageError
from processor.images.limits import Limits
from processor.images.plan.subjects import Seen
from processor.images.recipe import Recipe, Rendition, decode_recipe, decode_recipes, load_recipes
from processor.images.render import Rendered, memory_needed, render
from processor.images.watermark_images import WatermarkImages

__all__ = [
    "Analysis",
    "Encoded",
    "Header",
    "ImageError",
    "Limits",
    "Recipe",
    "Rendered",
    "Rendition",
    "Seen",
    "Source",
    "WatermarkImages",
    "decode_recipe",
    "decode_recipes",
    "load_recipes",
    "memory_needed",
    "open_source",
    "render",
]
