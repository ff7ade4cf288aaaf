"""Result tables for the terminal and the documentation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contenders import COMMANDS, OURS, PEERS
from floors import Floor
from measure import Task
from memory import Case, Memory
from rich import box
from rich.console import Console
from rich.table import Table
from workloads import WORKLOADS

NONE = "-"
"""The result of a contender that refused a job; the reason is printed below the tables."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: title, description, heads and rows of text."""

    title: str
    note: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: int = 1
    """Columns of text, before those of numbers."""


def speed_grid(tasks: Sequence[Task]) -> Grid:
    """Return CPU times and ratios."""
    rows = []
    for task in tasks:
        ratio = task.ratio("sharp")
        rows.append(
            (
                task.workload.name,
                _profile(task),
                *(_number(task.milliseconds(name), 0) for name in COMMANDS),
                *(_number(task.ratio(peer), 2) for peer in PEERS),
                f"≤ {task.target:.2f}",
                "" if ratio is None else "yes" if ratio <= task.target else "no",
            )
        )
    return Grid(
        "CPU time",
        "Milliseconds of one core from the file's bytes to the outputs' bytes, medians; then ours "
        "as a ratio to the peer's, the median over rounds. The target is that of the ratio to "
        "sharp.",
        ("", "profile", *COMMANDS, *(f"/ {peer}" for peer in PEERS), "target", "met"),
        rows,
        left=2,
    )


def floor_grid(tasks: Sequence[Task], floors: Sequence[Floor]) -> Grid:
    """Return the codecs' part of the engine's CPU time."""
    rows = [
        (
            task.workload.name,
            _profile(task),
            *(_number(part, 0) for part in (decoding, encoding)),
            _number(task.milliseconds(OURS), 0),
            _number(_ratio(decoding + encoding, task.milliseconds("sharp")), 2),
        )
        for task, (decoding, encoding) in zip(tasks, floors, strict=True)
    ]
    return Grid(
        "Codecs alone",
        "Milliseconds of one core that decoding (JPEGs as small as the renditions allow, with 1.4 "
        "times their pixels on each axis left) and encoding take of ours, by themselves, and "
        "their ratio to all of sharp's: the floor of our ratio, whatever happens between. The "
        "decoders and encoders are those that sharp and libvips have too: libjpeg-turbo, libwebp "
        "and libaom. sharp decodes with no pixels to spare, which is faster in W2 and costs "
        "detail; and it reads PNG with faster filters and a faster zlib than Pillow.",
        ("", "profile", "decode", "encode", OURS, "floor / sharp"),
        rows,
        left=2,
    )


def quality_grid(tasks: Sequence[Task]) -> Grid:
    """Return the outputs' scores and sizes."""
    rows = []
    for task in tasks:
        for rendition in task.workload.recipe["renditions"]:
            scores = [task.scores.get(name, {}).get(rendition["name"]) for name in COMMANDS]
            rows.append(
                (
                    task.workload.name,
                    _profile(task),
                    rendition["name"],
                    " ".join(f"{each.ssimulacra2:.1f}" if each else NONE for each in scores),
                    " ".join(f"{each.ssim:.3f}" if each else NONE for each in scores),
                    " ".join(f"{each.bytes / 1000:.0f}" if each else NONE for each in scores),
                )
            )
    return Grid(
        "Quality and size",
        f"{', '.join(COMMANDS)} against a lossless reference that is rendered without shortcuts: "
        "SSIMULACRA2 (70 is high quality, 90 is indistinguishable from the reference), SSIM of the "
        "luma, and kilobytes.",
        ("", "profile", "rendition", "SSIMULACRA2", "SSIM", "kB"),
        rows,
        left=3,
    )


def memory_grid(results: Mapping[str, tuple[Case, dict[str, Memory | str]]]) -> Grid:
    """Return the peaks of resident memory."""
    rows = []
    for title, (case, found) in results.items():
        entries = [found.get(name) for name in COMMANDS]
        rows.append(
            (
                title,
                *(
                    f"{each.peak:.0f} (+{each.peak - each.idle:.0f})"
                    if isinstance(each, Memory)
                    else NONE
                    for each in entries
                ),
                f"≤ {case.target}",
                "yes"
                if isinstance(entries[0], Memory) and entries[0].peak <= case.target
                else "no",
            )
        )
    return Grid(
        "Peak memory",
        "Peak resident memory of a new process in MB, including its program and the file; in "
        "parentheses, the difference from its idle state after a tiny image.",
        ("work", *COMMANDS, "target", "met"),
        rows,
    )


def legend() -> list[str]:
    """Return the descriptions of the workloads."""
    return [f"{each.name}: {each.title}" for each in WORKLOADS]


def show(grid: Grid, console: Console) -> None:
    """Print a table."""
    console.print(f"\n[bold]{grid.title}[/bold]\n{grid.note}")
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, collapse_padding=True)
    for place, head in enumerate(grid.heads):
        table.add_column(head, justify="left" if place < grid.left else "right", no_wrap=True)
    for row in grid.rows:
        table.add_row(*row)
    console.print(table)


def page(machine: str, versions: Mapping[str, Mapping[str, str]], grids: Sequence[Grid]) -> str:
    """Return the documentation's page, in Markdown."""
    described = {
        name: ", ".join(f"{part} {number}" for part, number in parts.items())
        for name, parts in versions.items()
    }
    listed = "\n".join(f"- {name}: {parts}" for name, parts in described.items())
    works = "\n".join(f"- {line}" for line in legend())
    tables = "\n\n".join(_markdown(grid) for grid in grids)
    return f"""# Benchmarks

`make bench-images` compares the image engine with sharp and libvips, and rewrites this page with
`ARGS=--write`.

Every contender is a warm process on one core with one thread and without caches. All do the same
work: apply the orientation, convert to sRGB, scale with Lanczos3, strip the metadata and encode
(JPEG quality 82, 4:2:0, baseline, optimized Huffman tables; WebP quality 80, effort 4; PNG level 6;
AVIF quality 50, speed 6, 4:2:0). They take turns, and each round starts with another one.

The inputs are made from the photographs in `samples/`: scaled up, with texture and sensor noise, in
Display P3 and without a profile, as JPEG of quality 92 with EXIF orientation 6. sharp and libvips
scale each of several renditions from the next larger one, as the engine does, which is faster than
a pipeline for each.

{works}

In W5q the engine uses its default encoder, and the peers the quality setting with the closest
SSIMULACRA2 score.

Machine: {machine}

{listed}

{tables}
"""


def _markdown(grid: Grid) -> str:
    lines = [
        grid.heads,
        ["---" if place < grid.left else "--:" for place in range(len(grid.heads))],
        *grid.rows,
    ]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"## {grid.title}\n\n{grid.note}\n\n{table}"


def _ratio(part: float, whole: float | None) -> float | None:
    return part / whole if whole else None


def _profile(task: Task) -> str:
    return "P3" if task.profile else "none"


def _number(value: float | None, digits: int) -> str:
    return NONE if value is None else f"{value:,.{digits}f}"
