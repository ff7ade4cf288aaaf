"""Parameters of the watermark step."""

from typing import Annotated

from msgspec import Meta

from processor.images.recipe.fields import Degrees, Fraction, OpaqueColor, Position, Struct

FONT_FILE = r"^(assets/)?[^/:\\]{1,200}\.([tT][tT][fFcC]|[oO][tT][fFcC])$"
FONT_FILE_WORDS = "A .ttf, .otf or .ttc file, without a folder other than assets."


class Watermark(Struct, frozen=True):
    """Overlay a line of text or an image. Sizes are relative to the rendition."""

    text: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    """Text in Noto Sans, for Latin, Greek, Cyrillic, Arabic, Hebrew, Devanagari, Thai and emoji of
    one color. ``\\n`` starts a line."""
    font: Annotated[str, Meta(pattern=FONT_FILE, description=FONT_FILE_WORDS)] | None = None
    """Text: file name of a font beside the recipes, for other letters or another style. What it
    lacks is in Noto Sans."""
    image: Annotated[str, Meta(min_length=1, max_length=1100)] | None = None
    """File name of an image beside the recipes; or, in the cloud, ``raw:KEY``,
    ``processed:processed/KEY`` or ``site:marks/KEY``, an object of that bucket."""
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
    """Text: font size as a fraction of the rendition's shorter side, smaller if it doesn't fit."""
    max_width: Annotated[float, Meta(gt=0, le=1)] | None = None
    """Text: width, as a fraction of the rendition's, at which lines break between words."""
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
        if self.text is None:
            if self.font or self.max_width:
                raise ValueError("font and max_width need a text")
            return
        # Imported for the first text: most functions never draw one.
        from processor.images.text.clusters import is_invisible  # noqa: PLC0415
        from processor.images.text.fonts import cleaned, missing, named  # noqa: PLC0415

        text = cleaned(self.text)
        if all(each.isspace() or is_invisible(each) for each in text):
            raise ValueError("the watermark's text has no visible letters")
        if not self.font and (lacking := missing(text)):
            raise ValueError(
                f"no bundled font has {named(lacking)}: omit it, or name a font file with `font`"
            )
