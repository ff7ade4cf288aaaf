"""Workloads, and their limits of CPU time relative to the peers'."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from inputs import INPUTS

type Recipe = dict[str, Any]

TARGETS = {"sharp": 0.90, "libvips": 0.95}
"""CPU time at most, as a ratio to the peer's."""
RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Workload:
    """One input and one recipe."""

    name: str
    title: str
    input: str
    recipe_file: str
    is_same_quality: bool = False
    """Whether the peers get the quality setting with the engine's score; otherwise all contenders
    have the same setting."""

    @cached_property
    def recipe(self) -> Recipe:
        """The recipe that all contenders get."""
        recipe: Recipe = json.loads((RECIPES / self.recipe_file).read_bytes())
        return recipe

    @cached_property
    def size(self) -> tuple[int, int]:
        """Size of the upright input, in pixels."""
        return INPUTS[self.input].width, INPUTS[self.input].height

    @property
    def variants(self) -> tuple[bool, ...]:
        """Whether the input has a Display P3 profile; GIF has none."""
        return (False,) if INPUTS[self.input].kind == "gif" else (True, False)

    def path(self, *, profile: bool) -> Path:
        """Return the input file."""
        return INPUTS[self.input].path(profile=profile)


WORKLOADS = (
    Workload("W1", "12 MP JPEG to 300 px JPEG", "12mp", "w1.json"),
    Workload("W2", "12 MP JPEG to 4 JPEGs and a WebP", "12mp", "w2.json"),
    Workload("W3", "4 MP PNG with alpha to WebP and PNG", "4mp", "w3.json"),
    Workload("W4", "24 MP JPEG to 1024 px JPEG with logo", "24mp", "w4.json"),
    Workload("W5", "2 MP JPEG to AVIF, same encoder", "2mp", "w5-same-encoder.json"),
    Workload(
        "W5q",
        "2 MP JPEG to AVIF, same quality",
        "2mp",
        "w5-same-quality.json",
        is_same_quality=True,
    ),
    Workload("W6", "animated GIF, 100 frames, to WebP", "animation", "w6.json"),
    Workload("W7", "3 MP WebP to 400 px JPEG", "3mp", "w7.json"),
    Workload("W8", "12 MP HEIC to 1600 px JPEG", "phone", "w8.json"),
    Workload("W9", "12 MP JPEG to the default recipe's renditions", "12mp", "w9.json"),
)


def with_quality(recipe: Recipe, quality: int) -> Recipe:
    """Return ``recipe`` with another quality setting for all its renditions."""
    renditions = [
        each | {"output": each["output"] | {"quality": quality}} for each in recipe["renditions"]
    ]
    return recipe | {"renditions": renditions}
