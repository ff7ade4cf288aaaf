"""Fixtures of the steps' tests."""

import io
from collections.abc import Callable

import pytest
from PIL import Image


@pytest.fixture
def flower(sample: Callable[[str], bytes]) -> Image.Image:
    """Give a photograph with fine structure, 201 x 256 pixels."""
    return _photograph(sample("flower.jpg"))


@pytest.fixture
def coffee(sample: Callable[[str], bytes]) -> Image.Image:
    """Give a colorful photograph, 256 x 171 pixels."""
    return _photograph(sample("coffee.png"))


def _photograph(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    image.thumbnail((256, 256))
    return image
