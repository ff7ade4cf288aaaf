"""Measurements: outputs and their quality first, then CPU time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from contenders import OURS, Contender, Run, UnavailableError
from inputs import FOLDER
from quality import Score, score
from reference import reference
from workloads import TARGETS, Recipe, Workload, with_quality

OUTPUTS = FOLDER.parent / "outputs"
QUALITIES = range(30, 91)
"""Range in which the peers' setting for the same quality is searched."""


@dataclass
class Task:
    """One workload on one variant of its input, with its results."""

    workload: Workload
    profile: bool
    recipes: dict[str, Recipe] = field(default_factory=dict)
    """By contender."""
    scores: dict[str, dict[str, Score]] = field(default_factory=dict)
    """By contender and rendition."""
    runs: dict[str, list[Run]] = field(default_factory=dict)
    """By contender; in the same order of rounds."""
    refusals: dict[str, str] = field(default_factory=dict)
    """Why a contender cannot do it."""

    @property
    def title(self) -> str:
        """One line that names the task."""
        return f"{self.workload.name} {'with profile' if self.profile else 'without profile'}"

    @property
    def meets_targets(self) -> bool | None:
        """Whether the ratios are within the targets; None if no peer was measured."""
        ratios = [(ratio, most) for peer, most in TARGETS.items() if (ratio := self.ratio(peer))]
        return all(ratio <= most for ratio, most in ratios) if ratios else None

    def milliseconds(self, name: str) -> float | None:
        """Return the median CPU time of a contender; None if it was not measured."""
        runs = self.runs.get(name)
        return median(run.cpu for run in runs) if runs else None

    def ratio(self, peer: str) -> float | None:
        """Return the median ratio of the engine's CPU time to a peer's, both of the same round."""
        ours, theirs = self.runs.get(OURS), self.runs.get(peer)
        if not ours or not theirs:
            return None
        return median(mine.cpu / other.cpu for mine, other in zip(ours, theirs, strict=True))


def tasks(workloads: Sequence[Workload]) -> list[Task]:
    """Return each workload with the variants of its input."""
    return [Task(each, profile) for each in workloads for profile in each.variants]


def examine(task: Task, contenders: Sequence[Contender]) -> None:
    """Find each contender's recipe, and score its outputs; the engine's come first."""
    for contender in contenders:
        try:
            recipe = task.workload.recipe
            if task.workload.is_same_quality and contender.name != OURS and OURS in task.scores:
                recipe = _same_quality(task, contender)
            task.scores[contender.name] = _scores(task, contender, recipe)
            task.recipes[contender.name] = recipe
        except UnavailableError as error:
            task.refusals[contender.name] = str(error)


def rounds(all_tasks: Sequence[Task], contenders: Sequence[Contender], count: int) -> Iterator[int]:
    """Measure in rounds, each starting with another contender; yields each round."""
    for number in range(count):
        for task in all_tasks:
            path = task.workload.path(profile=task.profile)
            for place in range(len(contenders)):
                contender = contenders[(number + place) % len(contenders)]
                recipe = task.recipes.get(contender.name)
                if recipe:
                    run = contender.run(path, recipe)
                    task.runs.setdefault(contender.name, []).append(run)
        yield number + 1


def _scores(task: Task, contender: Contender, recipe: Recipe) -> dict[str, Score]:
    variant = "p3" if task.profile else "plain"
    folder = OUTPUTS / contender.name / f"{task.workload.name.lower()}-{variant}"
    folder.mkdir(parents=True, exist_ok=True)
    path = task.workload.path(profile=task.profile)
    made = {Path(name).stem: name for name in contender.run(path, recipe, folder).files}
    return {
        each["name"]: score(
            folder / made[each["name"]], reference(task.workload, each, profile=task.profile)
        )
        for each in recipe["renditions"]
    }


def _same_quality(task: Task, contender: Contender) -> Recipe:
    """Return the quality setting whose score is closest to the engine's, by binary search."""
    wanted = _lowest(task.scores[OURS])

    def distance(quality: int) -> float:
        recipe = with_quality(task.workload.recipe, quality)
        return _lowest(_scores(task, contender, recipe)) - wanted

    low, high = QUALITIES.start, QUALITIES.stop - 1
    while low < high:
        middle = (low + high) // 2
        if distance(middle) < 0:
            low = middle + 1
        else:
            high = middle
    nearest = min((low - 1, low), key=lambda quality: abs(distance(quality)))
    return with_quality(task.workload.recipe, nearest)


def _lowest(scores: dict[str, Score]) -> float:
    return min(each.ssimulacra2 for each in scores.values())
