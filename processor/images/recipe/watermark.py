"""Parameters of the watermark step."""

from typing import Annotated

from msgspec import Meta

from processor.images.recipe.fields import Degrees, Fraction, OpaqueColor, Position, Struct


class Watermark(Struct, frozen=True):
    """Overlay a line of text or an image. Sizes are relative to the rendition."""

    text: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    """A line of text, in Noto Sans."""
    image: Annotated[str, Meta(min_length=1, max_length=1100)] | None = None
    """File name of an image beside the recipes; or, in the cloud, ``raw:``, ``processed:`` or
    ``site:`` with the key of an object."""
    position: Position = "bottom-right"
    """Position in the rendition."""
    margin: Annotated[float, Meta(ge=0, le=0.5)] = 0.03
    """Distance from the edges, as a fraction of the rendition's shorter side."""
    opacity: Fraction = 0.75
    """0 is invisible, 1 opaque."""
    rotation: Degrees = 0
    tiled: bool = False
    """Repeat it over the whole rendition, ``margin`` apart, one of them at ``position``."""
    size: Annotated[float, Meta(gt=0, le=0.5)] = 0.05
    """Text: font size as a fraction of the rendition's shorter side."""
    scale: Annotated[float, Meta(gt=0, le=1)] = 0.2
    """Image: its width as a fraction of the rendition's width. An image that would not fit within
    the margins is shrunk."""
    color: OpaqueColor = "#ffffff"
    """Text: its color."""
    outline: OpaqueColor | None = "#000000"
    """Text: color of a soft edge that keeps it legible on any background."""
    shadow: OpaqueColor | None = None
    """Text: color of a blurred shadow below and to the right."""

    def __post_init__(self) -> None:
        """Refuse a watermark with neither text nor image, or with both."""
        if (self.text is None) == (self.image is None):
            raise ValueError("a watermark needs either text or an image")
