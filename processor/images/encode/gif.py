"""GIF files."""

from PIL import Image

from processor.images.canvas import Canvas
from processor.images.encode.palette import (
    OPAQUE_FROM,
    cut_out,
    reduced,
)
from processor.images.encode.saving import bare, saved
from processor.images.recipe import Gif

TICK = 10
"""Milliseconds: GIF89a, section 23, counts in hundredths of a second."""

SHORTEST = 20
"""Milliseconds. Browsers show frames with a shorter delay for 100."""

CLEAR = 2
"""Disposal method "restore to background", GIF89a, section 23: before the next frame is drawn."""


def write_gif(canvas: Canvas, output: Gif) -> bytes:
    """All frames as GIF, each with a palette of its own. What is half transparent becomes opaque.

    GIF knows no EXIF.
    """
    transparent = any(_has_holes(frame) for frame in canvas.frames)
    options: dict[str, object] = {}
    if transparent:
        # The same number in all frames, and none of Pillow's renumbering: it compares frames by it.
        hole = output.colors - 1
        options = {"transparency": hole, "disposal": CLEAR, "optimize": False}
        frames = [
            cut_out(frame, output.colors, dither=output.dither, number=hole).image
            for frame in canvas.frames
        ]
    else:
        frames = [
            reduced(frame.convert("RGB"), output.colors, dither=output.dither).image
            for frame in canvas.frames
        ]
    if len(frames) == 1:
        return saved(frames[0], "GIF", **options)
    if canvas.loop != 1:  # a GIF that does not say how often it is played is played once
        options["loop"] = canvas.loop
    options |= {"save_all": True, "append_images": [bare(frame) for frame in frames[1:]]}
    return saved(frames[0], "GIF", duration=ticks(canvas.durations), **options)


def _has_holes(frame: Image.Image) -> bool:
    return frame.mode == "RGBA" and any(frame.getchannel("A").histogram()[:OPAQUE_FROM])


def ticks(durations: tuple[int, ...]) -> list[int]:
    """Durations that GIF can tell, in milliseconds; what rounding takes, later frames give back."""
    told, owed = [], 0
    for duration in durations:
        told.append(max(SHORTEST, round((duration + owed) / TICK) * TICK))
        owed = max(-TICK, min(TICK, owed + duration - told[-1]))
    return told
