"""Canvas and Job: the image that the steps work on, and the rendition that it becomes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PIL import Image

from processor.images.plan.geometry import WHOLE, Box, Geometry, Point, Size
from processor.images.plan.subjects import NO_REGIONS, DetectedRegions
from processor.images.recipe import Gif, Rendition

if TYPE_CHECKING:
    from processor.images.text.fonts import Font


@dataclass(frozen=True, slots=True)
class Canvas:
    """Pixels, and the changes to them that are still pending.

    Several renditions share a canvas: steps return a new one and never change the pixels of theirs.
    """

    frames: tuple[Image.Image, ...]
    """One, or those of an animation. All have the same size and mode."""
    durations: tuple[int, ...] = ()
    """Duration of each frame of an animation, in milliseconds."""
    loop: int = 0
    """How often an animation is played; 0 means forever. GIF stores one less: the repeats."""
    profile: bytes | None = None
    """ICC profile of the pixels; None means sRGB. Of a finished rendition, the one to write."""
    is_truncated: bool = False
    """Whether the file ends before the image does, and part of it is missing."""
    orientation: int = 1
    """EXIF orientation, 1 to 8, that is not applied yet."""
    region: Box = WHOLE
    """Part of the upright image that remains after ``trim`` and ``crop``; ``resize`` applies it."""
    focal_point: Point | None = None
    """Point of ``region`` that ``resize`` keeps, where ``focus`` has found one."""

    @property
    def image(self) -> Image.Image:
        """The image, or an animation's first frame."""
        return self.frames[0]

    @property
    def is_animated(self) -> bool:
        """Whether the image has more than one frame."""
        return len(self.frames) > 1

    def map(self, change: Callable[[Image.Image], Image.Image]) -> "Canvas":
        """Return a canvas with ``change`` applied to every frame."""
        return replace(self, frames=tuple(map(change, self.frames)))

    def still(self) -> "Canvas":
        """Return a canvas with the first frame alone."""
        return replace(self, frames=self.frames[:1], durations=()) if self.is_animated else self


@dataclass(frozen=True, slots=True)
class Job:
    """One rendition at one density, planned for one original."""

    rendition: Rendition
    geometry: Geometry
    original: Size
    """Width and height of the upright original, in pixels."""
    density: float = 1.0
    watermark_image: Image.Image | None = None
    """The decoded image of an image watermark, in sRGB with alpha."""
    watermark_font: "Font | None" = None
    """The font file that a text watermark names."""
    regions: DetectedRegions = NO_REGIONS
    """Faces and subjects that crops keep."""

    @property
    def name(self) -> str:
        """``thumb``, or ``thumb@2x`` at density 2."""
        return name_at(self.rendition.name, self.density)

    @property
    def keeps_color(self) -> bool:
        """Whether wide colors are kept: the recipe asks for it, and the format has profiles."""
        return self.rendition.color == "keep" and not isinstance(self.rendition.output, Gif)

    def pixels(self, count: float) -> float:
        """Convert pixels of the layout to pixels of the rendition."""
        return count * self.density


def name_at(name: str, density: float) -> str:
    """Return a rendition's name at a density; at 1 it is the plain name."""
    return name if density == 1 else f"{name}@{density:g}x"
