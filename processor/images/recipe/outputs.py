"""How a rendition is encoded."""

from typing import Annotated, Literal

from msgspec import Meta

from processor.images.recipe.fields import Percentage, Struct

Metadata = Literal["strip", "keep-copyright", "keep"]
Bytes = Annotated[int, Meta(ge=256, description="Bytes.")]
Effort = Annotated[int, Meta(ge=0, le=6)]
Colors = Annotated[int, Meta(ge=2, le=256)]
Animation = Literal["keep", "first-frame"]


class _Output(Struct, frozen=True, kw_only=True):
    """What all formats have in common."""

    max_bytes: Bytes | None = None
    """Lower the quality (or the number of colors) until the file is no larger."""
    metadata: Metadata = "strip"
    """What of the original's EXIF is written: nothing, artist and copyright, or all but the place,
    the thumbnail and the camera maker's own notes. The orientation is always applied."""
    gps: bool = False
    """With ``metadata: keep``: also the place where the picture was taken."""


class Jpeg(_Output, frozen=True, tag_field="format", tag="jpeg"):
    """JPEG. Knows no transparency: see the rendition's ``background``."""

    quality: Percentage = 82
    progressive: bool = True
    """Show a coarse picture while the rest loads; some percent smaller, slower to make."""
    subsampling: Literal["4:2:0", "4:2:2", "4:4:4"] = "4:2:0"
    """Resolution of colors: a quarter, a half, all. Red letters want ``4:4:4``."""
    optimize: bool = True
    """Fit the Huffman tables to the picture: some percent smaller."""


class Png(_Output, frozen=True, tag_field="format", tag="png"):
    """PNG; without loss, unless ``colors`` asks for a palette."""

    colors: Colors | None = None
    """Reduce to a palette of at most so many colors."""
    dither: bool = True
    """With ``colors``: spread what the palette lacks over neighboring pixels."""
    animation: Animation = "keep"


class WebP(_Output, frozen=True, tag_field="format", tag="webp"):
    """WebP, lossy unless told otherwise."""

    quality: Percentage = 80
    lossless: bool = False
    effort: Effort = 4
    """0 is fastest, 6 makes the smallest files."""
    animation: Animation = "keep"


class Avif(_Output, frozen=True, tag_field="format", tag="avif"):
    """AVIF."""

    quality: Percentage = 50
    speed: Annotated[int, Meta(ge=0, le=10)] = 6
    """10 is fastest, 0 makes the smallest files."""
    encoder: Literal["auto", "svt", "aom"] = "auto"
    """``auto`` takes SVT-AV1, several times faster, where it is there and can take the picture."""
    animation: Animation = "keep"


class Gif(_Output, frozen=True, tag_field="format", tag="gif"):
    """GIF, with one palette of at most ``colors`` for each frame."""

    colors: Colors = 256
    dither: bool = True
    animation: Animation = "keep"


class Auto(_Output, frozen=True, tag_field="format", tag="auto"):
    """The format that suits the content.

    Animations become WebP, graphics PNG, photographs JPEG, and photographs with transparent parts
    WebP.
    """

    quality: Percentage = 82


Output = Jpeg | Png | WebP | Avif | Gif | Auto
