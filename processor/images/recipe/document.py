"""Recipe documents: the root of the recipe language, and its JSON decoding."""

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
from processor.images.recipe.on_the_fly import OnTheFly
from processor.images.recipe.outputs import Output
from processor.images.recipe.shape import Corners, Crop, Pad, Resize, Rotate, Trim
from processor.images.recipe.watermark import Watermark

NAME = Meta(
    pattern=r"^[a-z0-9][a-z0-9-]{0,63}$",
    description="Lowercase letters, digits and hyphens; at most 64.",
)


class Rendition(Struct, frozen=True):
    """One rendition: its name, its format, and the operations that make it from the original.

    Operations are applied in the order of this list, whatever their order in the document. Their
    pixels are those of the finished rendition at density 1.
    """

    name: Annotated[str, NAME]
    output: Output
    densities: Annotated[tuple[Density, ...], Meta(min_length=1, max_length=4)] = (1,)
    """Pixel ratios of the screens to render for. The rendition for 2 is named ``name@2x``."""

    trim: Trim | None = None
    crop: Crop | None = None
    rotate: Rotate | None = None
    resize: Resize | None = None
    color: Literal["srgb", "keep"] = "srgb"
    """``srgb`` converts all colors to sRGB. ``keep`` keeps those outside of sRGB: an original with
    a wider gamut (Display P3, Adobe RGB, Rec. 2020) is converted to Display P3, and its profile is
    written. GIF has no profiles, and is always sRGB."""
    flip: bool = False
    """Mirror vertically: exchange top and bottom."""
    flop: bool = False
    """Mirror horizontally: exchange left and right."""

    normalize: Annotated[float, Meta(ge=0, le=0.25)] | None = None
    """Stretch the tones to the full range, ignoring this fraction of pixels at each end."""
    gamma: Annotated[float, Meta(ge=0.1, le=10)] | None = None
    """Above 1, the middle tones become lighter."""
    brightness: Factor | None = None
    """0 is black, 2 twice as bright."""
    contrast: Factor | None = None
    """0 is uniformly gray, 2 doubles the distance from gray."""
    saturation: Factor | None = None
    """0 removes all color, 2 doubles it."""
    hue: Degrees | None = None
    """Rotate all colors around the color wheel."""
    grayscale: bool = False
    """Keep only the luminance."""
    sepia: Fraction | None = None
    """Blend with the brown of old photographs; 1 is full sepia."""
    tint: Tint | None = None
    negate: bool = False
    """Replace light by dark, and each color by its complement."""
    threshold: Annotated[int, Meta(ge=0, le=255)] | None = None
    """Tones from this one on become white, all others black."""

    median: Literal[3, 5, 7, 9] | None = None
    """Replace each pixel by the median of a square of this width, in pixels."""
    blur: Annotated[float, Meta(gt=0, le=250)] | None = None
    """Standard deviation of a Gaussian blur, in pixels."""
    sharpen: Sharpen | None = None
    pixelate: Annotated[int, Meta(ge=2, le=1024)] | None = None
    """Side of the squares, in pixels."""
    emboss: bool = False
    """Render a gray relief, lit from the top left."""
    edges: bool = False
    """Render only edges, white on black."""

    watermark: Watermark | None = None
    corners: Corners | None = None
    circle: bool = False
    """Crop to the largest centered circle; the rest becomes transparent."""
    pad: Pad | None = None
    background: OpaqueColor | None = None
    """Color behind transparent parts. JPEG needs one, and uses white by default."""

    def __post_init__(self) -> None:
        """Refuse a repeated density, whose renditions would overwrite each other."""
        if len(set(self.densities)) < len(self.densities):
            raise ValueError(f"densities repeat a value: {list(self.densities)}")
        if self.circle and self.corners:
            raise ValueError("circle and corners can't be combined: omit one")

    @property
    def rotation(self) -> float:
        """The angle of ``rotate``, from 0 to 360 degrees."""
        return self.rotate.angle % 360 if self.rotate else 0


class Recipe(Struct, frozen=True):
    """All renditions of an image."""

    renditions: Annotated[list[Rendition], Meta(min_length=1, max_length=50)]
    analysis: bool = True
    """Whether to analyze the original: palette, placeholder, hashes, sharpness and EXIF."""
    gps: bool = False
    """Whether the analysis includes the location where the image was taken."""
    truncated: Literal["render", "refuse"] = "render"
    """Whether a JPEG, PNG, GIF or BMP that ends too early is rendered as far as it goes, with the
    warning ``truncated``, or refused. Other formats are always refused."""
    on_the_fly: OnTheFly | None = None
    """What URLs of variants may request. Without it, all options are allowed, or only the names of
    renditions if one of them has a watermark, which options could avoid."""

    def __post_init__(self) -> None:
        """Refuse a repeated name, whose renditions would overwrite each other."""
        names = [rendition.name for rendition in self.renditions]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two renditions are named {name!r}")

    @property
    def variants(self) -> OnTheFly:
        """``on_the_fly``, or what is allowed without it."""
        if self.on_the_fly is not None:
            return self.on_the_fly
        has_watermark = any(rendition.watermark for rendition in self.renditions)
        return OnTheFly(allow=()) if has_watermark else OnTheFly()

    @property
    def keeps_animation(self) -> bool:
        """Whether any rendition of an animation is animated."""
        return any(rendition.output.keeps_animation for rendition in self.renditions)


def decode_recipes(document: bytes) -> dict[str, Recipe]:
    """Decode a JSON document that maps names to recipes.

    Raises ``ValueError`` with the place of the first error and what is allowed there.
    """
    return _decode(document, dict[str, Recipe])


def decode_recipe(document: bytes) -> Recipe:
    """Decode a JSON document that is one recipe. Raises ``ValueError``, as ``decode_recipes``."""
    return _decode(document, Recipe)


def _decode[T](document: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(document, type=kind)
    except msgspec.MsgspecError as error:
        raise ValueError(f"Not a valid recipe: {explain(error, kind)}") from error


@cache
def load_recipes(path: Path = Path(__file__).parents[2] / "recipes.json") -> dict[str, Recipe]:
    """Return the named recipes of a file; by default those that ship with the pipeline."""
    return decode_recipes(path.read_bytes())
