"""What the steps work on: a picture on its way, and the rendition it is to become."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from PIL import Image

from processor.images.plan.geometry import Geometry
from processor.images.recipe import Output, Rendition


@dataclass(frozen=True, slots=True)
class Canvas:
    """Pixels, and what still has to be done to them to be what a person should see.

    Steps return a new canvas and leave the pixels of the one they were given alone: several
    renditions are made from one canvas.
    """

    frames: tuple[Image.Image, ...]
    """One, or those of an animation, all of one size and mode."""
    durations: tuple[int, ...] = ()
    """How long each frame of an animation is shown, in milliseconds."""
    loop: int = 0
    """How often an animation is played; 0 is for ever."""
    profile: bytes | None = None
    """ICC profile that the pixels are in; None means sRGB."""
    orientation: int = 1
    """EXIF orientation, 1 to 8, that the pixels still have to be turned by."""

    @property
    def image(self) -> Image.Image:
        """The picture; of an animation the first frame, which stands for all the others."""
        return self.frames[0]

    def map(self, change: Callable[[Image.Image], Image.Image]) -> "Canvas":
        """Do the same to every frame."""
        return self.with_frames(tuple(map(change, self.frames)))

    @property
    def is_animated(self) -> bool:
        """Whether there is more than one frame."""
        return len(self.frames) > 1

    def still(self) -> "Canvas":
        """The first frame alone."""
        return replace(self, frames=self.frames[:1], durations=())

    def with_frames(self, frames: tuple[Image.Image, ...]) -> "Canvas":
        """Take these pictures in place of those that are there."""
        return replace(self, frames=frames)


@dataclass(frozen=True, slots=True)
class Job:
    """A rendition to make at one density, and where that takes the original at hand."""

    rendition: Rendition
    geometry: Geometry
    output: Output
    """How it is encoded: what the recipe says, or what ``auto`` chose."""
    density: float = 1.0
    mark: Image.Image | None = None
    """The picture of an image watermark, in sRGB with alpha."""

    @property
    def name(self) -> str:
        """``thumb``, or ``thumb@2x`` for screens of that density."""
        return name_at(self.rendition.name, self.density)

    def pixels(self, count: float) -> float:
        """Pixels of the layout as pixels of the rendition."""
        return count * self.density


def name_at(name: str, density: float) -> str:
    """The name of a rendition at a density: that for 1 is the plain one."""
    return name if density == 1 else f"{name}@{density:g}x"
