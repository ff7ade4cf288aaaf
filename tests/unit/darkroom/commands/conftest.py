"""Fixtures of the commands' tests."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.darkroom.commands.running import written
from tests.unit.processor.images.sample_images import encoded, quarters


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Return an image of four colors."""
    return written(tmp_path / "in" / "four.png", encoded(quarters(), "PNG"))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return a folder that does not exist."""
    return tmp_path / "deep" / "out"


@pytest.fixture
def recipes(tmp_path: Path) -> Callable[[object], Path]:
    """Return a function that writes a recipe file."""
    return lambda content: written(tmp_path / "mine.json", json.dumps(content).encode())
