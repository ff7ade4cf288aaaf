"""Image engine: renders an encoded image by a recipe. Independent of any cloud."""

from processor.images.canvas import name_at
from processor.images.decode.source import Header, Source, open_source
from processor.images.describe.analysis import Analysis
from processor.images.encode.encoder import Encoded
from processor.images.errors import ImageError
from processor.images.limits import Limits
from processor.images.plan.subjects import DetectedRegions
from processor.images.recipe import Recipe, Rendition, decode_recipe, decode_recipes, load_recipes
from processor.images.render import Flaw, Rendered, memory_needed, render
from processor.images.watermark_images import WatermarkImages

__all__ = [
    "Analysis",
    "DetectedRegions",
    "Encoded",
    "Flaw",
    "Header",
    "ImageError",
    "Limits",
    "Recipe",
    "Rendered",
    "Rendition",
    "Source",
    "WatermarkImages",
    "decode_recipe",
    "decode_recipes",
    "load_recipes",
    "memory_needed",
    "name_at",
    "open_source",
    "render",
]
