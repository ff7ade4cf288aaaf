"""Parameters of the watermark."""

from typing import Annotated

from msgspec import Meta

from processor.images.recipe.fields import Degrees, Fraction, OpaqueColor, Position, Struct


class Watermark(Struct, frozen=True):
    """A line of text or a picture, laid over the rendition. Sizes are relative to it."""

    text: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    """A line of text, in Noto Sans."""
    image: Annotated[str, Meta(min_length=1, max_length=1100)] | None = None
    """The name of a picture that lies beside the recipes; or, in the cloud, the key of an object
    after ``raw:``, ``processed:`` or ``site:``."""
    position: Position = "bottom-right"
    """Where it lies in the picture."""
    margin: Annotated[float, Meta(ge=0, le=0.5)] = 0.03
    """Distance from the edges, as a fraction of the picture's shorter side."""
    opacity: Fraction = 0.75
    """0 cannot be seen, 1 hides what is below."""
    rotation: Degrees = 0
    tiled: bool = False
    """Repeat it over the whole picture, ``margin`` apart, starting from ``position``."""
    size: Annotated[float, Meta(gt=0, le=0.5)] = 0.05
    """Of text: height of the letters as a fraction of the picture's shorter side."""
    scale: Annotated[float, Meta(gt=0, le=1)] = 0.2
    """Of an image: its width as a fraction of the picture's width."""
    color: OpaqueColor = "#ffffff"
    """Of text."""
    outline: OpaqueColor | None = "#000000"
    """Of text: a soft edge that lets it show on any background."""
    shadow: OpaqueColor | None = None
    """Of text: a blurred shadow below and to the right."""

    def __post_init__(self) -> None:
        """Refuse a mark that is nothing, or two things at once."""
        if (self.text is None) == (self.image is None):
            raise ValueError("a watermark has either text or an image")
