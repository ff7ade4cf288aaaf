"""Benchmark of the image engine against sharp and libvips: speed, quality and memory.

Exits with 1 if an output of the engine is wrong, or worse than sharp's.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from contenders import COMMANDS, OURS, Contender, add_checkout
from floors import measure_floor
from inputs import PROJECT, make_inputs
from measure import Task, examine, rounds, tasks
from memory import CASES, Case, Memory, measure_memory
from quality import faults
from report import floor_grid, legend, memory_grid, quality_grid, show, speed_grid, updated
from rich.console import Console
from workloads import WORKLOADS

PAGE = PROJECT / "docs" / "reference" / "benchmarks.md"

type Memories = dict[str, tuple[Case, dict[str, Memory | str]]]


def main() -> None:
    """Run the benchmark, and print its tables."""
    options = _options()
    console = Console()
    chosen = [each for each in WORKLOADS if each.name in (options.only or [each.name])]
    make_inputs()
    _pin()
    with ExitStack() as stack:
        contenders = [stack.enter_context(Contender(name)) for name in COMMANDS]
        versions = {each.name: each.versions for each in contenders}
        all_tasks = tasks(chosen)
        for task in all_tasks:
            with console.status(f"Checking the outputs of {task.title}"):
                examine(task, contenders)
        with console.status("Measuring") as status:
            for number in rounds(all_tasks, contenders, options.rounds):
                status.update(f"Measuring: {number} of {options.rounds} rounds done")
    floors = [measure_floor(task) for task in all_tasks]
    memories: Memories = {}
    if not options.only:
        for case in CASES:
            with console.status(f"Measuring the memory of {case.title}"):
                memories[case.title] = case, measure_memory(case)

    console.print("\n".join(legend()))
    grids = [
        speed_grid(all_tasks),
        floor_grid(all_tasks, floors),
        quality_grid(all_tasks),
    ]
    grids += [memory_grid(memories)] if memories else []
    for grid in grids:
        show(grid, console)
    if options.json:
        options.json.write_text(json.dumps(_plain(versions, all_tasks, memories), indent=2))
    if options.write:
        PAGE.write_text(updated(PAGE.read_text(), _machine(), versions, grids))
    _print_refusals(all_tasks, memories)
    found = _faults(all_tasks)
    for fault in found:
        print(f"FAULT: {fault}", file=sys.stderr)
    sys.exit(1 if found else 0)


def _options() -> argparse.Namespace:
    names = [workload.name for workload in WORKLOADS]
    parser = argparse.ArgumentParser("bench-images", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="for each workload (default 15)")
    parser.add_argument("--only", choices=names, action="append", help="one workload; repeatable")
    parser.add_argument(
        "--before", type=Path, metavar="CHECKOUT", help="measure an installed checkout as a peer"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all results to FILE")
    parser.add_argument("--write", action="store_true", help="update docs/reference/benchmarks.md")
    options = parser.parse_args()
    if options.write and (options.only or options.before):
        parser.error("--write needs all workloads and no other checkout: omit --only, --before")
    if options.before:
        add_checkout(options.before.resolve())
    return options


def _pin() -> None:
    """Pin this process, and the workers that inherit it, to one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line for line in lines if line.startswith("model name")), "unknown: unknown")
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return (
        f"{model.partition(':')[2].strip()}, one core of {os.cpu_count()} used; "
        f"{pages / 2**30:.0f} GB of memory; {os.uname().sysname} on {os.uname().machine}"
    )


def _faults(all_tasks: Sequence[Task]) -> list[str]:
    """Return what is wrong with the engine's outputs, compared with sharp's."""
    return [
        f"{task.title}, {name}: {fault}"
        for task in all_tasks
        for name, ours in task.scores.get(OURS, {}).items()
        if name in task.scores.get("sharp", {})
        for fault in faults(ours, task.scores["sharp"][name])
    ]


def _print_refusals(all_tasks: Sequence[Task], memories: Memories) -> None:
    for task in all_tasks:
        for name, reason in task.refusals.items():
            print(f"{task.title}: {name} is not available: {reason}")
    for title, (_, found) in memories.items():
        for name, result in found.items():
            if isinstance(result, str):
                print(f"{title}: {name} is not available: {result}")


def _plain(
    versions: dict[str, dict[str, str]], all_tasks: Sequence[Task], memories: Memories
) -> dict[str, object]:
    """Return all results as JSON types."""
    return {
        "machine": _machine(),
        "versions": versions,
        "tasks": [
            {
                "name": task.workload.name,
                "profile": task.profile,
                "cpu_ms": {name: task.milliseconds(name) for name in task.runs},
                "ratio": {name: task.ratio(name) for name in COMMANDS if name != OURS},
                "runs": {name: [asdict(run) for run in runs] for name, runs in task.runs.items()},
                "recipes": task.recipes,
                "scores": {
                    name: {rendition: asdict(score) for rendition, score in scores.items()}
                    for name, scores in task.scores.items()
                },
                "refusals": task.refusals,
            }
            for task in all_tasks
        ],
        "memory": {
            title: {
                name: result if isinstance(result, str) else asdict(result)
                for name, result in found.items()
            }
            for title, (_, found) in memories.items()
        },
    }


if __name__ == "__main__":
    main()
