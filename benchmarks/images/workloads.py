"""Workloads, and their limits of CPU time relative to sharp's."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from inputs import INPUTS

type Recipe = dict[str, Any]

RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Workload:
    """One input and one recipe."""

    name: str
    title: str
    input: str
    recipe_file: str
    target: float
    """CPU time at most, as a ratio to sharp's, where the input has a Display P3 profile."""
    target_plain: float
    """The same for an input without a profile."""
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

    def path(self, *, profile: bool) -> Path:
        """Return the input file."""
        return INPUTS[self.input].path(profile=profile)


WORKLOADS = (
    Workload("W1", "12 MP JPEG to 300 px JPEG", "12mp", "w1.json", 0.80, 0.88),
    Workload("W2", "12 MP JPEG to 4 JPEGs and a WebP", "12mp", "w2.json", 0.55, 0.80),
    Workload("W3", "4 MP PNG with alpha to WebP and PNG", "4mp", "w3.json", 0.75, 0.75),
    Workload("W4", "24 MP JPEG to 1024 px JPEG with logo", "24mp", "w4.json", 0.45, 0.60),
    Workload("W5", "2 MP JPEG to AVIF, same encoder", "2mp", "w5-same-encoder.json", 0.90, 0.90),
    Workload(
        "W5q",
        "2 MP JPEG to AVIF, same quality",
        "2mp",
        "w5-same-quality.json",
        target=0.30,
        target_plain=0.30,
        is_same_quality=True,
    ),
)


def with_quality(recipe: Recipe, quality: int) -> Recipe:
    """Return ``recipe`` with another quality setting for all its renditions."""
    renditions = [
        each | {"output": each["output"] | {"quality": quality}} for each in recipe["renditions"]
    ]
    return recipe | {"renditions": renditions}
