"""A trace as a timeline in the terminal: a bar for each stage, as long as it took."""

import math
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from darkroom.operations.trace import DELIVERY, Bar, Section, Trace
from darkroom.terminal.escape import escape, on_one_line
from processor.telemetry.timings import STAGES

NARROWEST, WIDEST = 16, 56
"""Columns of the longest section."""

OTHER_COLUMNS = 46
"""Columns on both sides of the bars."""

EIGHTHS = " ▏▎▍▌▋▊▉█"

STYLES = {
    **dict.fromkeys(STAGES, "cyan"),
    **dict.fromkeys(("upload", "event"), "blue"),
    **dict.fromkeys(("queue", "wait"), "magenta"),
    **dict.fromkeys(("claim", "commit"), "yellow"),
    "render": "green",
}
"""Colors by kind of work. Bars with other names are parts of the rendering."""


def timeline(trace: Trace, columns: int) -> RenderableType:
    """Draw a trace for a terminal of that width; all sections have the same scale."""
    width = max(NARROWEST, min(WIDEST, columns - OTHER_COLUMNS))
    entry = trace.entry
    title = Text.assemble(
        (on_one_line(entry["filename"]), "bold"),
        f"  {entry['status']}",
        (f"  {_duration(trace.milliseconds)} in total" if trace.sections else "", "dim"),
        (
            f"\ncorrelation id {on_one_line(entry['correlation_id'])}"
            if "correlation_id" in entry
            else "",
            "dim",
        ),
    )
    if not trace.sections:
        return Group(title, Text("The logs contain no stages.", style="dim"))
    return Group(title, *_drawn(trace, width))


def _drawn(trace: Trace, width: int) -> Iterator[RenderableType]:
    sections = _joined(trace.sections)
    scale = max(1, *(each.end - each.start for each in sections)) / width
    before: float | None = None
    for section in sections:
        heading = Text(
            f"\n{on_one_line(section.title)}", style="bold red" if section.is_bad else "bold"
        )
        if before is not None:
            heading.append(f"  {_duration(section.start - before)} later", style="dim")
        yield heading
        before = section.end
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
        table.add_column(no_wrap=True, min_width=12)
        table.add_column(justify="right", no_wrap=True, min_width=8)
        table.add_column(no_wrap=True, width=width + 1)
        table.add_column(style="dim", overflow="fold")
        for bar in section.bars:
            style = "red" if bar.is_bad else STYLES.get(bar.name, "green")
            table.add_row(
                Text("  " * bar.depth + on_one_line(bar.name), style="dim" if bar.depth else ""),
                _duration(bar.length) if bar.length else "",
                Text(_drawing(bar, section.start, scale, width), style=style),
                escape(bar.note),
            )
        yield table


def _joined(sections: list[Section]) -> list[Section]:
    """Join the delivery and the first attempt, which follow each other without a gap."""
    if len(sections) < 2 or sections[0].title != DELIVERY:
        return sections
    delivery, first, *later = sections
    return [Section(first.title, [*delivery.bars, *first.bars], is_bad=first.is_bad), *later]


def _drawing(bar: Bar, origin: float, scale: float, width: int) -> str:
    """Return blocks in eighths of a column; a bar without length is a mark."""
    column = min(math.floor((bar.start - origin) / scale), width)
    if not bar.length:
        return " " * column + "◆"
    eighths = max(1, round(bar.length / scale * 8))
    full, rest = divmod(eighths, 8)
    return " " * column + "█" * min(full, width - column) + EIGHTHS[rest].strip()


def _duration(milliseconds: float) -> str:
    if milliseconds < 9_999.5:
        return f"{max(0, milliseconds):,.0f} ms"
    if milliseconds < 120_000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds / 60_000:.1f} min"
