"""Jobs and images for the steps' tests."""

from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import crop_region, plan
from processor.images.recipe import Output, Png, Rendition

Step = Callable[[Canvas, Job], Canvas]
Pixel = tuple[int, ...]

SIZE = (120, 80)
"""Width and height of the original that jobs are planned for."""


def job(density: float = 1, output: Output | None = None, **wanted: Any) -> Job:
    """Return a job for a rendition with these operations."""
    rendition = Rendition(name="test", output=output or Png(), **wanted)
    geometry = plan(SIZE, rendition, density, crop_region(SIZE, rendition))
    return Job(rendition, geometry, SIZE, density)


def run(step: Step, image: Image.Image, density: float = 1, **wanted: Any) -> Image.Image:
    """Apply one step to one image."""
    return step(Canvas((image,)), job(density, **wanted)).image


def pixel(image: Image.Image, x: int = 0, y: int = 0) -> Pixel:
    """Return the channels of a pixel; gray images have one."""
    value = image.getpixel((x, y))
    return value if isinstance(value, tuple) else (int(value or 0),)


def of_one(step: Step, color: Pixel, **wanted: Any) -> Pixel:
    """Return what a step makes of one color of one, three or four channels."""
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[len(color)]
    return pixel(run(step, Image.new(mode, (4, 4), color), **wanted))


def rows(image: Image.Image) -> list[bytes]:
    """Return the tones of a gray image, row by row."""
    assert image.mode == "L"
    tones = image.tobytes()
    return [tones[start : start + image.width] for start in range(0, len(tones), image.width)]


def windows(image: Image.Image, reach: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield each pixel of a gray image, except near its border, and the tones around it."""
    lines = rows(image)
    for y in range(reach, image.height - reach):
        for x in range(reach, image.width - reach):
            around = lines[y - reach : y + reach + 1]
            yield x, y, b"".join(line[x - reach : x + reach + 1] for line in around)


def halves(dark: int, bright: int, width: int = 100, height: int = 4) -> Image.Image:
    """Return a gray image with an edge in the middle."""
    image = Image.new("L", (width, height), dark)
    image.paste(bright, (width // 2, 0, width, height))
    return image
