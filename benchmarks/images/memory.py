"""How much memory one picture takes, at most, in a process of its own."""

from dataclasses import dataclass

from contenders import COMMANDS, Contender, UnavailableError
from inputs import INPUTS, TINY
from workloads import WORKLOADS, Recipe


@dataclass(frozen=True, slots=True)
class Case:
    """A picture that is large, and the process's peak that it may lead to, in MB."""

    title: str
    input: str
    recipe: Recipe
    target: int


_RECIPES = {workload.name: workload.recipe for workload in WORKLOADS}
CASES = (
    Case("24 MP JPEG to 1024 px JPEG with logo", "24mp", _RECIPES["W4"], 70),
    Case("100 MP JPEG to 300 px JPEG", "100mp", _RECIPES["W1"], 200),
)


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of a worker in MB."""

    idle: float
    """After its imports and a tiny picture."""
    peak: float
    """The most it ever had, with the file's bytes and the program itself."""


def measure_memory(case: Case) -> dict[str, Memory | str]:
    """By contender; or the reason why one could not do it."""
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
