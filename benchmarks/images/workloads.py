"""The work that is measured, and what of a peer's CPU time it may take."""

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
    """From one input, by one recipe."""

    name: str
    title: str
    input: str
    recipe_file: str
    target: float
    """CPU time at most, as a ratio to sharp's, where the input has a Display P3 profile."""
    target_plain: float
    """The same where it has none."""
    is_same_quality: bool = False
    """Whether the peers' quality setting is chosen for the score that ours gets, where else all
    have the same setting."""

    @cached_property
    def recipe(self) -> Recipe:
        """What all contenders are asked for."""
        recipe: Recipe = json.loads((RECIPES / self.recipe_file).read_bytes())
        return recipe

    @cached_property
    def size(self) -> tuple[int, int]:
        """Of the upright input, in pixels."""
        return INPUTS[self.input].width, INPUTS[self.input].height

    def path(self, *, profile: bool) -> Path:
        """The input file."""
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
    """``recipe`` with another quality setting for all its renditions."""
    renditions = [
        each | {"output": each["output"] | {"quality": quality}} for each in recipe["renditions"]
    ]
    return recipe | {"renditions": renditions}
