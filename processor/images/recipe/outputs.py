"""Output formats and their options."""

from typing import Annotated, Literal

from msgspec import Meta

from processor.images.recipe.fields import Percentage, Struct

Metadata = Literal["strip", "keep-copyright", "keep"]
Bytes = Annotated[int, Meta(ge=256, description="Bytes.")]
Effort = Annotated[int, Meta(ge=0, le=6)]
Colors = Annotated[int, Meta(ge=2, le=256)]
Animation = Literal["keep", "first-frame"]


class _Output(Struct, frozen=True, kw_only=True):
    """Options of all formats."""

    max_bytes: Bytes | None = None
    """Lower the quality, but not below 10, or the number of colors of PNG and GIF, until the file
    is no larger than this. An image that is still larger, and lossless WebP that is larger, is
    refused as ``cannot-fit``, with the bytes that it needs."""
    metadata: Metadata = "strip"
    """The part of the original's metadata that is kept. ``keep-copyright`` keeps creator, copyright
    and credit, ``keep`` also camera, exposure and time. The orientation is always applied."""
    gps: bool = False
    """With ``metadata: keep``: also keep the location."""

    @property
    def keeps_animation(self) -> bool:
        """Whether all frames of an animation are encoded."""
        return getattr(self, "animation", "keep") == "keep"


class Jpeg(_Output, frozen=True, tag_field="format", tag="jpeg"):
    """JPEG. It has no transparency: see the rendition's ``background``."""

    quality: Percentage = 82
    progressive: bool = True
    """Show a coarse image while the rest loads; a few percent smaller, slower to encode."""
    subsampling: Literal["4:2:0", "4:2:2", "4:4:4"] = "4:2:0"
    """Color resolution: a quarter, a half or full. Red text needs ``4:4:4``."""
    optimize: bool = True
    """Optimize the Huffman tables: a few percent smaller."""

    @property
    def keeps_animation(self) -> bool:
        """Never: JPEG has one frame."""
        return False


class Png(_Output, frozen=True, tag_field="format", tag="png"):
    """PNG; lossless, unless ``colors`` reduces it to a palette."""

    colors: Colors | None = None
    """Reduce to a palette of at most this many colors."""
    dither: bool = True
    """With ``colors``: approximate missing colors by mixing neighboring pixels."""
    animation: Animation = "keep"


class WebP(_Output, frozen=True, tag_field="format", tag="webp"):
    """WebP; lossy by default."""

    quality: Percentage = 80
    lossless: bool = False
    effort: Effort = 4
    """0 is fastest, 6 gives the smallest files."""
    animation: Animation = "keep"


class Avif(_Output, frozen=True, tag_field="format", tag="avif"):
    """AVIF."""

    quality: Percentage = 50
    speed: Annotated[int, Meta(ge=0, le=10)] = 6
    """10 is fastest, 0 gives the smallest files."""
    encoder: Literal["auto", "svt", "aom"] = "auto"
    """``auto`` uses SVT-AV1, which is several times faster, where it is installed and suits the
    image."""
    animation: Animation = "keep"


class Gif(_Output, frozen=True, tag_field="format", tag="gif"):
    """GIF, with a palette of at most ``colors`` for each frame."""

    colors: Colors = 256
    dither: bool = True
    animation: Animation = "keep"


class Auto(_Output, frozen=True, tag_field="format", tag="auto"):
    """Choose the format that suits the image.

    Animations become WebP, graphics PNG, photographs JPEG, and photographs with transparency WebP.
    """

    quality: Percentage = 82


Output = Jpeg | Png | WebP | Avif | Gif | Auto
