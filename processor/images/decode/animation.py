"""Composition of animation frames on a canvas, as browsers do it.

What no frame covers is transparent, as is what a frame's disposal clears.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from PIL import Image

STRIP = 256
"""Rows that are drawn at a time, which bounds the memory."""

LONGEST_TOO_SHORT, SHOWN_INSTEAD = 10, 100
"""Milliseconds. Chromium, Firefox and Safari show a frame of up to 10 ms for 100 ms."""

MAX_PLAYS = 65_535
"""Plays that WebP can store (RFC 9649, section 2.7.1.1)."""

Disposal = Literal["keep", "clear", "previous"]
"""What happens to a frame's box before the next frame: nothing, or it becomes transparent, or what
it was before the frame."""


class Frame(NamedTuple):
    """A frame of an animation, stored as a part of the canvas."""

    left: int
    top: int
    width: int
    height: int
    duration: int
    """Milliseconds."""
    disposal: Disposal
    is_blended: bool
    """Whether the canvas shows through transparent pixels, or is replaced by them."""
    load: Callable[[], Image.Image]
    """Decodes the pixels: mode L, P, RGB or RGBA."""

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom in pixels."""
        return self.left, self.top, self.left + self.width, self.top + self.height


def compose(size: tuple[int, int], frames: Iterable[Frame]) -> Iterator[Image.Image]:
    """Yield the canvas after each frame: RGB if all of it is opaque, else RGBA."""
    canvas = Image.new("RGBA", size)
    for frame in frames:
        before = canvas.crop(frame.box) if frame.disposal == "previous" else None
        image = frame.load() if frame.width and frame.height else None
        if image and frame.box == (0, 0, *size) and not image.has_transparency_data:
            canvas = image.convert("RGB")
            yield canvas
        else:
            canvas = canvas.convert("RGBA")
            if image:
                _draw(canvas, frame, image)
            is_opaque = canvas.getchannel("A").getextrema()[0] == 255
            yield canvas.convert("RGB") if is_opaque else canvas.copy()
        if frame.disposal != "keep":
            canvas = canvas.convert("RGBA")
            canvas.paste(before or (0, 0, 0, 0), frame.box)


def first(size: tuple[int, int], frame: Frame) -> Image.Image:
    """Return the canvas after the first frame, which holds the pixels once."""
    image = frame.load()
    if frame.box == (0, 0, *size):
        return image
    canvas = Image.new("RGBA", size)
    _draw(canvas, frame, image)
    return canvas


def shown(duration: float) -> int:
    """Return for how many milliseconds browsers show a frame of this duration."""
    return SHOWN_INSTEAD if duration <= LONGEST_TOO_SHORT else round(duration)


def _draw(canvas: Image.Image, frame: Frame, image: Image.Image) -> None:
    # Parts outside the canvas don't show.
    width = min(image.width, canvas.width - frame.left)
    height = min(image.height, canvas.height - frame.top)
    if width <= 0:
        return
    for top in range(0, height, STRIP):
        strip = image.crop((0, top, width, min(height, top + STRIP)))
        at = frame.left, frame.top + top
        if strip.has_transparency_data and frame.is_blended:
            canvas.alpha_composite(strip.convert("RGBA"), at)
        else:
            canvas.paste(strip.convert("RGBA"), at)
