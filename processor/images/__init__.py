"""The image engine: bytes and a recipe in, renditions out. Knows nothing of any cloud."""

from processor.images.decode.source import inspect
from processor.images.describe.analysis import Analysis
from processor.images.encode.encoder import Encoded
from processor.images.errors import ImageError
from processor.images.limits import Limits
from processor.images.plan.subjects import DetectedRegions
from processor.images.recipe import Recipe, Rendition, decode_recipe, decode_recipes, load_recipes
from processor.images.render import Rendered, memory_needed, render
from processor.images.watermark_images import WatermarkImages

__all__ = [
    "Analysis",
    "DetectedRegions",
    "Encoded",
    "ImageError",
    "Limits",
    "Recipe",
    "Rendered",
    "Rendition",
    "WatermarkImages",
    "decode_recipe",
    "decode_recipes",
    "inspect",
    "load_recipes",
    "memory_needed",
    "render",
]
