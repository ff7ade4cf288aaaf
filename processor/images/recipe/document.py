"""Recipes as a whole, and how they are read."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from processor.images.recipe.color import Tint
from processor.images.recipe.explain import explain
from processor.images.recipe.fields import (
    Degrees,
    Density,
    Factor,
    Fraction,
    OpaqueColor,
    Struct,
)
from processor.images.recipe.filters import Sharpen
from processor.images.recipe.outputs import Output
from processor.images.recipe.shape import Corners, Crop, Pad, Resize, Rotate, Trim
from processor.images.recipe.watermark import Watermark

NAME = Meta(
    pattern=r"^[a-z0-9][a-z0-9-]{0,63}$",
    description="Small letters, digits and hyphens; at most 64.",
)


class Rendition(Struct, frozen=True):
    """One picture to make: its name, how it is encoded, and what is done to the original.

    Operations are done in the order in which they stand here, whatever their order in the
    document. Pixels in them are those of the finished rendition at density 1.
    """

    name: Annotated[str, NAME]
    output: Output
    densities: Annotated[tuple[Density, ...], Meta(min_length=1, max_length=4)] = (1,)
    """Make the rendition for screens of several pixel ratios. That for 2 is named ``name@2x``."""

    trim: Trim | None = None
    crop: Crop | None = None
    rotate: Rotate | None = None
    resize: Resize | None = None
    flip: bool = False
    """Mirror top and bottom."""
    flop: bool = False
    """Mirror left and right."""

    normalize: Annotated[float, Meta(ge=0, le=0.25)] | None = None
    """Stretch the tones to the full range, leaving out this fraction at either end."""
    gamma: Annotated[float, Meta(ge=0.1, le=10)] | None = None
    """Above 1 makes the middle tones lighter."""
    brightness: Factor | None = None
    """0 is black, 2 twice as bright."""
    contrast: Factor | None = None
    """0 is gray, 2 twice as far from it."""
    saturation: Factor | None = None
    """0 leaves no color, 2 doubles it."""
    hue: Degrees | None = None
    """Turn all colors around the color circle."""
    grayscale: bool = False
    """Leave only the brightness, as the eye weighs it."""
    sepia: Fraction | None = None
    """The brown of old photographs; 1 is all of it."""
    tint: Tint | None = None
    negate: bool = False
    """Turn light into dark, and each color into its opposite."""
    threshold: Annotated[int, Meta(ge=0, le=255)] | None = None
    """Tones from here on become white, the others black."""

    median: Literal[3, 5, 7, 9] | None = None
    """Replace each pixel by the median of a square this wide."""
    blur: Annotated[float, Meta(gt=0, le=250)] | None = None
    """Standard deviation of a Gaussian blur, in pixels."""
    sharpen: Sharpen | None = None
    pixelate: Annotated[int, Meta(ge=2, le=1024)] | None = None
    """Edge of the squares, in pixels."""
    emboss: bool = False
    """Show the picture as a gray relief, lit from the top left."""
    edges: bool = False
    """Show only where tones change, white on black."""

    watermark: Watermark | None = None
    corners: Corners | None = None
    circle: bool = False
    """Keep the largest circle in the middle; the rest becomes transparent."""
    pad: Pad | None = None
    background: OpaqueColor | None = None
    """Lay transparent parts on this color. JPEG needs one: white, if none is given."""

    def __post_init__(self) -> None:
        """Refuse one density twice: the renditions would overwrite each other."""
        if len(set(self.densities)) < len(self.densities):
            raise ValueError(f"a density stands twice: {list(self.densities)}")
        if self.circle and self.corners:
            raise ValueError("a circle has no corners: leave out circle or corners")


class Recipe(Struct, frozen=True):
    """All the renditions of one picture."""

    renditions: Annotated[list[Rendition], Meta(min_length=1, max_length=50)]
    analysis: bool = True
    """Whether to find colors, placeholder, hashes and sharpness of the original."""
    gps: bool = False
    """Whether the analysis tells where the picture was taken."""

    def __post_init__(self) -> None:
        """Refuse two renditions of one name: they would overwrite each other."""
        names = [rendition.name for rendition in self.renditions]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two renditions are named {name!r}")


def decode_recipes(document: bytes) -> dict[str, Recipe]:
    """Read a JSON document that maps names to recipes.

    Raises ``ValueError`` that says where the document is wrong and what is allowed there.
    """
    return _decode(document, dict[str, Recipe])


def decode_recipe(document: bytes) -> Recipe:
    """Read a JSON document that is one recipe. Raises ``ValueError``, as ``decode_recipes``."""
    return _decode(document, Recipe)


def _decode[T](document: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(document, type=kind)
    except msgspec.MsgspecError as error:
        raise ValueError(f"Not a valid recipe: {explain(error, kind)}") from error


@cache
def load_recipes(path: Path = Path(__file__).parents[2] / "recipes.json") -> dict[str, Recipe]:
    """The named recipes of ``path``; by default those that ship with the pipeline."""
    return decode_recipes(path.read_bytes())
