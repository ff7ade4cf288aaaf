"""GIF encoding."""

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
"""Milliseconds. Browsers show frames with a shorter delay for 100 ms."""

CLEAR = 2
"""Disposal method "restore to background" (GIF89a, section 23)."""


def write_gif(canvas: Canvas, output: Gif) -> bytes:
    """Encode all frames as GIF, each with its own palette. GIF has no EXIF.

    Half-transparent pixels become opaque or transparent.
    """
    transparent = any(_has_transparency(frame) for frame in canvas.frames)
    options: dict[str, object] = {}
    if transparent:
        # All frames have the same transparent index, by which Pillow compares them.
        transparent_index = output.colors - 1
        options = {"transparency": transparent_index, "disposal": CLEAR, "optimize": False}
        frames = [
            cut_out(frame, output.colors, dither=output.dither, index=transparent_index).image
            for frame in canvas.frames
        ]
    else:
        frames = [
            reduced(frame.convert("RGB"), output.colors, dither=output.dither).image
            for frame in canvas.frames
        ]
    if len(frames) == 1:
        return saved(frames[0], "GIF", **options)
    if canvas.loop != 1:
        # The file stores repeats, 0 for endless ones; without a number it is played once.
        options["loop"] = max(0, canvas.loop - 1)
    options |= {"save_all": True, "append_images": [bare(frame) for frame in frames[1:]]}
    return saved(frames[0], "GIF", duration=ticks(canvas.durations), **options)


def _has_transparency(frame: Image.Image) -> bool:
    return frame.mode == "RGBA" and any(frame.getchannel("A").histogram()[:OPAQUE_FROM])


def ticks(durations: tuple[int, ...]) -> list[int]:
    """Return durations in GIF's resolution, in milliseconds; later frames even out the rounding."""
    rounded, owed = [], 0
    for duration in durations:
        rounded.append(max(SHORTEST, round((duration + owed) / TICK) * TICK))
        owed = max(-TICK, min(TICK, owed + duration - rounded[-1]))
    return rounded
