"""A picture as it is looked at."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True)
class Picture:
    """A picture, upright and in RGB; it may be smaller than the file's, whose size is kept."""

    image: "Image"
    width: int
    height: int
