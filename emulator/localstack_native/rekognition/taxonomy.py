"""Taxonomy of labels, with the sums of ImageNet's class probabilities."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

CLASSES = 1000

_FILE = Path(__file__).with_name("labels.txt")


@dataclass(frozen=True)
class Label:
    """A label with its category, its parents (nearest first) and its own ImageNet classes."""

    name: str
    category: str
    parents: tuple[str, ...] = ()
    classes: tuple[int, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Taxonomy:
    """All labels by name."""

    labels: dict[str, Label]

    def ancestors(self, name: str) -> list[str]:
        """Return all ancestors of a label, each once, nearest first."""
        found: list[str] = []
        waiting = list(self.labels[name].parents)
        while waiting:
            nearest = waiting.pop(0)
            if nearest not in found:
                found.append(nearest)
                waiting.extend(self.labels[nearest].parents)
        return found

    def add_up(self, probabilities: Sequence[float]) -> dict[str, float]:
        """Return the probability of each label: the sum for its own and its descendants' classes.

        A class counts once, even if two paths lead from it to a label.
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
    """Return the distribution's taxonomy."""
    return parse(_FILE.read_text().splitlines())


def parse(lines: Iterable[str]) -> Taxonomy:
    """Parse a taxonomy. Raises ValueError for a duplicate label or an unknown parent."""
    labels: dict[str, Label] = {}
    for label in _labels(lines):
        if label.name in labels:
            raise ValueError(f"The label {label.name} occurs twice.")
        labels[label.name] = label
    for label in labels.values():
        for parent in label.parents:
            if parent not in labels:
                raise ValueError(f"The label {label.name} has the unknown parent {parent}.")
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
