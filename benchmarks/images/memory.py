"""Peak memory of one image in its own process."""

from dataclasses import dataclass

from contenders import COMMANDS, Contender, UnavailableError
from inputs import INPUTS, TINY
from workloads import WORKLOADS, Recipe


@dataclass(frozen=True, slots=True)
class Case:
    """A large image, and the highest accepted peak of the process in MB."""

    title: str
    input: str
    recipe: Recipe
    target: int


_RECIPES = {workload.name: workload.recipe for workload in WORKLOADS}
CASES = (
    Case("24 MP JPEG to 1024 px JPEG with logo", "24mp", _RECIPES["W4"], 70),
    Case("100 MP JPEG to 300 px JPEG", "100mp", _RECIPES["W1"], 200),
    Case("24 MP JPEG to the default recipe's renditions", "24mp", _RECIPES["W9"], 200),
)


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of a worker in MB."""

    idle: float
    """After its imports and a tiny image."""
    peak: float
    """At its peak, including the file and the program."""


def measure_memory(case: Case) -> dict[str, Memory | str]:
    """Return the memory by contender, or the reason why it could not run."""
    results: dict[str, Memory | str] = {}
    for name in COMMANDS:
        with Contender(name) as contender:
            try:
                contender.run(TINY, case.recipe)
                idle = contender.memory("VmRSS")
                contender.run(INPUTS[case.input].path(profile=True), case.recipe)
                results[name] = Memory(idle, contender.memory("VmHWM"))
            except UnavailableError as error:
                results[name] = str(error)
    return results
