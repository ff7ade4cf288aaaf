"""Tables of measurements, for terminals."""

from collections.abc import Mapping, Sequence
from statistics import median

from count import EXPLAINED, Count
from outcomes import Outcomes
from rich import box
from rich.table import Table
from watch import Taken

SHOWN = 5
"""Maximum number of listed faults of a kind."""

Percentiles = tuple[float, float, float]


def speed_table(rows: Sequence[tuple[str, float, float, Percentiles | None]]) -> Table:
    """Return a table of contenders: rates in images per second, latencies in seconds."""
    table = _table("Upload to done", "images/s", "of engine", "p50 s", "p95 s", "p99 s")
    for name, rate, share, latencies in rows:
        shown = [f"{each:.2f}" for each in latencies] if latencies else ["", "", ""]
        table.add_row(name, f"{rate:.2f}", f"{share:.0%}", *shown)
    return table


def cpu_table(name: str, costs: Mapping[str, float], busy: float, pixels: float | None) -> Table:
    """Return a table of CPU milliseconds per image, by process."""
    whole = sum(costs.values())
    table = _table(f"CPU time: {name}", "ms/image", "share")
    for part, cost in costs.items():
        table.add_row(part, f"{cost:.1f}", f"{cost / whole:.0%}")
    table.add_row("total", f"{whole:.1f}", f"busy {busy:.0%}", style="bold")
    if pixels is not None:
        table.add_row("pixels (engine alone)", f"{pixels:.1f}", f"{pixels / whole:.0%}")
    return table


def latency_lines(stages: Mapping[str, float]) -> str:
    """Return a line of the stages' mean times."""
    shown = ", ".join(f"{stage} {value:.0f}" for stage, value in stages.items())
    return f"Mean wall time of finished images, ms: {shown}\n"


def memory_table(*taken: Taken) -> Table:
    """Return a table of peak resident memory: maximum and median of the processes."""
    table = _table("Peak memory", "processes", "maximum MB", "median MB")
    peaks = {name: values for each in taken for name, values in each.peaks.items()}
    for name, values in peaks.items():
        table.add_row(name, str(len(values)), f"{max(values):.0f}", f"{median(values):.0f}")
    return table


def count_table(found: Count, said: Outcomes, repeated: int) -> Table:
    """Return a table of the faults, with the numbers of checked objects as caption."""
    table = _table("Count", "keys", "means", left=("means",))
    for kind, faults in found.faults.items():
        table.add_row(kind, str(len(faults)), EXPLAINED[kind], style="red" if faults else "green")
        for fault in faults[:SHOWN]:
            table.add_row("", "", fault, style="red")
    states: dict[str, int] = {}
    for entry in found.entries.values():
        states[entry["status"]] = states.get(entry["status"], 0) + 1
    table.caption_justify = "left"
    table.caption = (
        f"{found.keys} keys ({', '.join(f'{number} {state}' for state, number in states.items())}"
        f"), {found.renditions} renditions read, {found.decoded} decoded; {repeated} duplicate "
        f"events; log messages: "
        + ", ".join(f"{number} {what}" for what, number in said.said.most_common())
        + f"; {found.reconciled} reconciled"
    )
    return table


def _table(title: str, *heads: str, left: Sequence[str] = ()) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, collapse_padding=True)
    table.add_column(title, no_wrap=True)
    for head in heads:
        table.add_column(head, justify="left" if head in left else "right")
    return table
