"""What the operations are asked for in their tests, and what they are tried on."""

from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image

from processor.images.canvas import Canvas, Job
from processor.images.plan.geometry import plan
from processor.images.recipe import Png, Rendition

Step = Callable[[Canvas, Job], Canvas]
Pixel = tuple[int, ...]


def job(density: float = 1, **wanted: Any) -> Job:
    """A rendition at a density, of which these operations are wanted."""
    rendition = Rendition(name="test", output=Png(), **wanted)
    geometry = plan(120, 80, rendition, density)
    return Job(rendition, geometry, output=Png(), density=density)


def run(step: Step, image: Image.Image, density: float = 1, **wanted: Any) -> Image.Image:
    """Do one operation to one picture."""
    return step(Canvas((image,)), job(density, **wanted)).image


def pixel(image: Image.Image, x: int = 0, y: int = 0) -> Pixel:
    """The channels of one pixel; of gray pictures there is one."""
    value = image.getpixel((x, y))
    return value if isinstance(value, tuple) else (int(value or 0),)


def of_one(step: Step, color: Pixel, **wanted: Any) -> Pixel:
    """What an operation makes of one color, of one channel, three or four."""
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[len(color)]
    return pixel(run(step, Image.new(mode, (4, 4), color), **wanted))


def rows(image: Image.Image) -> list[bytes]:
    """The tones of a gray picture, row by row."""
    assert image.mode == "L"
    tones = image.tobytes()
    return [tones[start : start + image.width] for start in range(0, len(tones), image.width)]


def windows(image: Image.Image, reach: int) -> Iterator[tuple[int, int, bytes]]:
    """The place of each pixel of a gray picture, away from its border, and the tones around it."""
    lines = rows(image)
    for y in range(reach, image.height - reach):
        for x in range(reach, image.width - reach):
            around = lines[y - reach : y + reach + 1]
            yield x, y, b"".join(line[x - reach : x + reach + 1] for line in around)


def halves(dark: int, bright: int, width: int = 100, height: int = 4) -> Image.Image:
    """A gray picture with an edge in the middle."""
    image = Image.new("L", (width, height), dark)
    image.paste(bright, (width // 2, 0, width, height))
    return image
