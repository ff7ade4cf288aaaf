"""Fixtures of the encoders' tests."""

from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw

from tests.unit.processor.images.sample_images import decoded


@pytest.fixture
def photograph(sample: Callable[[str], bytes]) -> Image.Image:
    """Give a photograph, mode RGB."""
    image = decoded(sample("coffee.png")).resize((300, 200))
    image.info = {}
    return image


@pytest.fixture
def cutout(photograph: Image.Image) -> Image.Image:
    """Give the photograph within a soft-edged ellipse, mode RGBA."""
    mask = Image.new("L", (600, 400))
    ImageDraw.Draw(mask).ellipse((20, 20, 579, 379), fill=255)
    image = photograph.copy()
    image.putalpha(mask.resize(image.size, Image.Resampling.LANCZOS))
    return image


@pytest.fixture
def drawing() -> Image.Image:
    """Give a drawing with soft edges, mode RGB."""
    image = Image.new("RGB", (1200, 800), "white")
    draw = ImageDraw.Draw(image)
    for number in range(8):
        left = 60 + number * 140
        draw.rectangle(
            (left, 700 - number * 70, left + 90, 740), fill=f"hsl({number * 40}, 70%, 50%)"
        )
        draw.line((60, 80 * number, 1140, 100 * number), fill="#334455", width=7)
    return image.resize((300, 200), Image.Resampling.LANCZOS)


@pytest.fixture
def moving() -> tuple[Image.Image, ...]:
    """Give four frames of a disc that moves over nothing, mode RGBA, of three colors."""
    frames = []
    for number in range(4):
        frame = Image.new("RGBA", (64, 48))
        draw = ImageDraw.Draw(frame)
        draw.ellipse((4 + number * 12, 10, 24 + number * 12, 30), fill=(255, 80, 0, 255))
        draw.rectangle((0, 44, 8 * number, 47), fill=(0, 0, 0, 255))
        frames.append(frame)
    return tuple(frames)
