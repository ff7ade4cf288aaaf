"""A picture's way as a drawing in the terminal: a bar for each part, as long as it took."""

import math
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from darkroom.operations.trace import (
    Bar,
    Part,
    Trace,
)

NARROWEST, WIDEST = 16, 56
"""Cells for the longest part of the way."""

BESIDE = 46
"""Cells for what stands on both sides of it."""

EIGHTHS = " ▏▎▍▌▋▊▉█"

STYLES = {
    "upload": "blue", "event": "blue", "queue": "magenta", "claim": "yellow", "fetch": "cyan",
    "inspect": "cyan", "wait": "magenta", "render": "green", "decode": "green", "store": "cyan",
    "commit": "yellow",
}  # fmt: skip


def timeline(trace: Trace, columns: int) -> RenderableType:
    """Draw it for a terminal of so many columns; all parts have one scale."""
    width = max(NARROWEST, min(WIDEST, columns - BESIDE))
    entry = trace.entry
    title = Text.assemble(
        (entry["filename"], "bold"),
        f"  {entry['status']}",
        (f"  {_duration(trace.milliseconds)} in all" if trace.parts else "", "dim"),
        (f"\ncorrelation id {entry['correlation_id']}" if "correlation_id" in entry else "", "dim"),
    )
    if not trace.parts:
        return Group(title, Text("Nothing is known of its way.", style="dim"))
    return Group(title, *_drawn(trace, width))


def _drawn(trace: Trace, width: int) -> Iterator[RenderableType]:
    parts = _joined(trace.parts)
    scale = max(1, *(part.end - part.start for part in parts)) / width
    before: float | None = None
    for part in parts:
        heading = Text(f"\n{part.title}", style="bold red" if part.is_bad else "bold")
        if before is not None:
            heading.append(f"  {_duration(part.start - before)} later", style="dim")
        yield heading
        before = part.end
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
        table.add_column(no_wrap=True, min_width=12)
        table.add_column(justify="right", no_wrap=True, min_width=8)
        table.add_column(no_wrap=True, width=width + 1)
        table.add_column(style="dim", overflow="fold")
        for bar in part.bars:
            style = "red" if bar.is_bad else STYLES.get(bar.name, "green")
            table.add_row(
                Text("  " * bar.depth + bar.name, style="dim" if bar.depth else ""),
                _duration(bar.length) if bar.length else "",
                Text(_drawing(bar, part.start, scale, width), style=style),
                bar.note,
            )
        yield table


def _joined(parts: list[Part]) -> list[Part]:
    """The way to the function and the first attempt are one part, if both are told."""
    if len(parts) < 2 or not parts[0].title.startswith("the way"):
        return parts
    way, first, *later = parts
    return [Part(first.title, [*way.bars, *first.bars], is_bad=first.is_bad), *later]


def _drawing(bar: Bar, origin: float, scale: float, width: int) -> str:
    """Blocks in eighths of a cell; a moment is a mark."""
    start = min((bar.start - origin) / scale, width)
    if not bar.length:
        return " " * min(math.floor(start), width) + "◆"
    cells = min(math.floor(start), width)
    eighths = max(1, round(bar.length / scale * 8))
    full, rest = divmod(eighths, 8)
    return " " * cells + "█" * min(full, width - cells) + EIGHTHS[rest].strip()


def _duration(milliseconds: float) -> str:
    if milliseconds < 9_999.5:
        return f"{max(0, milliseconds):,.0f} ms"
    if milliseconds < 120_000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds / 60_000:.1f} min"
