"""The recipe language: which renditions to make of a picture, as strict, typed data."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Pixels = Annotated[int, Meta(ge=1, le=16_384)]
Quality = Annotated[int, Meta(ge=1, le=100)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Colour = Annotated[str, Meta(pattern=r"^#[0-9a-fA-F]{6}$")]
Position = Literal[
    "top-left",
    "top",
    "top-right",
    "left",
    "centre",
    "right",
    "bottom-left",
    "bottom",
    "bottom-right",
]


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all parts of a recipe have in common: immutable, and no field is ignored."""


class Resize(Struct, frozen=True):
    """The box, in pixels, that a rendition has to fit. A picture is never enlarged."""

    width: Pixels
    height: Pixels
    fit: Literal["cover", "inside"] = "inside"
    """``cover`` fills the box and crops what stands over, evenly on both sides; ``inside`` keeps
    the whole picture within the box."""


class Watermark(Struct, frozen=True):
    """A line of text laid over the picture."""

    text: Annotated[str, Meta(min_length=1, max_length=200)]
    position: Position = "bottom-right"
    size: Annotated[float, Meta(gt=0, le=0.5)] = 0.05
    """Height of the letters as a fraction of the picture's shorter side."""
    margin: Annotated[float, Meta(ge=0, le=0.5)] = 0.03
    """Distance from the edges as a fraction of the picture's shorter side."""
    colour: Colour = "#ffffff"
    opacity: Fraction = 0.75


class Jpeg(Struct, frozen=True, tag_field="format", tag="jpeg"):
    """JPEG; transparent parts are flattened onto ``background``."""

    quality: Quality = 82
    progressive: bool = True
    background: Colour = "#ffffff"


class WebP(Struct, frozen=True, tag_field="format", tag="webp"):
    """Lossy WebP; keeps transparency."""

    quality: Quality = 80


class Png(Struct, frozen=True, tag_field="format", tag="png"):
    """PNG; keeps transparency."""


Output = Jpeg | WebP | Png


class Rendition(Struct, frozen=True):
    """One picture to make: its name, what is done to the original, and how it is encoded."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    output: Output
    resize: Resize | None = None
    watermark: Watermark | None = None


class Recipe(Struct, frozen=True):
    """All the renditions of one picture."""

    renditions: Annotated[list[Rendition], Meta(min_length=1, max_length=50)]

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
    try:
        return msgspec.json.decode(document, type=dict[str, Recipe])
    except msgspec.MsgspecError as error:
        raise ValueError(f"Not a valid recipe file: {error}") from error


@cache
def load_recipes(path: Path = Path(__file__).parent.parent / "recipes.json") -> dict[str, Recipe]:
    """The named recipes of ``path``; by default those that ship with the pipeline."""
    return decode_recipes(path.read_bytes())
