"""What the steps work on: a picture on its way, and the rendition it is to become."""

from dataclasses import dataclass

from PIL import Image

from processor.images.geometry import Geometry
from processor.images.recipe import Rendition


@dataclass(frozen=True, slots=True)
class Canvas:
    """Pixels, and what still has to be done to them to be what a person should see.

    Steps return a new canvas and leave the pixels of the one they were given alone: several
    renditions are made from one canvas.
    """

    image: Image.Image
    profile: bytes | None = None
    """ICC profile that the pixels are in; None means sRGB."""
    orientation: int = 1
    """EXIF orientation, 1 to 8, that the pixels still have to be turned by."""


@dataclass(frozen=True, slots=True)
class Job:
    """A rendition to make, and where its resizing takes the original at hand."""

    rendition: Rendition
    geometry: Geometry
