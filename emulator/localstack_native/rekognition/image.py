"""The decoded image that the networks analyze."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class DecodedImage:
    """An upright RGB image; ``width`` and ``height`` are the file's, which may be larger."""

    pixels: "Image"
    width: int
    height: int
