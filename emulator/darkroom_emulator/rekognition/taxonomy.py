"""The taxonomy of labels, and what the classes of ImageNet add up to in it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

CLASSES = 1000

_FILE = Path(__file__).with_name("labels.txt")


@dataclass(frozen=True)
class Label:
    """A label: its category, its parents, nearest first, and the classes that are it itself."""

    name: str
    category: str
    parents: tuple[str, ...] = ()
    classes: tuple[int, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Taxonomy:
    """All labels by name."""

    labels: dict[str, Label]

    def ancestors(self, name: str) -> list[str]:
        """Return all labels above one, each once, nearest first."""
        found: list[str] = []
        waiting = list(self.labels[name].parents)
        while waiting:
            nearest = waiting.pop(0)
            if nearest not in found:
                found.append(nearest)
                waiting.extend(self.labels[nearest].parents)
        return found

    def add_up(self, probabilities: Sequence[float]) -> dict[str, float]:
        """Return the probability of each label: that of its classes and of the labels below it.

        A class counts once for a label that it reaches by two ways.
        """
        sums = dict.fromkeys(self.labels, 0.0)
        for label in self.labels.values():
            own = sum(float(probabilities[index]) for index in label.classes)
            if own:
                for name in (label.name, *self.ancestors(label.name)):
                    sums[name] += own
        return sums


@cache
def taxonomy() -> Taxonomy:
    """Return the taxonomy that this distribution has."""
    return parse(_FILE.read_text().splitlines())


def parse(lines: Iterable[str]) -> Taxonomy:
    """Read a taxonomy. Raises ValueError for one that names a label twice, or no parent."""
    labels: dict[str, Label] = {}
    for label in _labels(lines):
        if label.name in labels:
            raise ValueError(f"The label {label.name} is there twice.")
        labels[label.name] = label
    for label in labels.values():
        for parent in label.parents:
            if parent not in labels:
                raise ValueError(f"The label {label.name} has an unknown parent, {parent}.")
    return Taxonomy(labels)


def _labels(lines: Iterable[str]) -> Iterator[Label]:
    category = ""
    above: list[str] = []
    for line in lines:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("["):
            category = text.strip("[]")
            continue
        depth = (len(line) - len(line.lstrip())) // 2
        names, _, classes = text.partition(":")
        name, *others = (each.strip() for each in names.split("&"))
        parents = (*above[depth - 1 : depth], *others) if depth else tuple(others)
        above = [*above[:depth], name]
        yield Label(name, category, parents, tuple(_numbers(classes)))


def _numbers(text: str) -> Iterator[int]:
    for part in text.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)
