"""The progress of the files in a watched folder, as a live table in the terminal."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from darkroom.terminal.escape import escape, on_one_line

State = Literal["uploading", "queued", "processing", "done", "held", "failed", "gone"]

COLORS: dict[State, str] = {
    "uploading": "cyan",
    "queued": "cyan",
    "processing": "cyan",
    "done": "green",
    "failed": "red",
    "held": "yellow",
    "gone": "dim",
}
FINAL = ("done", "held", "failed", "gone")

OTHER_LINES = 6
"""Lines of the terminal that are not rows."""


@dataclass(frozen=True, slots=True)
class Row:
    """The state of one file, and a note on it."""

    state: State
    note: str = ""


@dataclass
class ProgressTable:
    """A row for each file, the newest last, as many as the terminal has lines for.

    In a log or a pipe, a file gets one line when it reaches a final state.
    """

    console: Console
    _rows: dict[str, Row] = field(default_factory=dict, init=False)
    _live: Live | None = field(default=None, init=False)

    def put(self, key: str, state: State, note: str = "") -> None:
        """Set the state of a file."""
        key, row = on_one_line(key), Row(state, on_one_line(note))
        if self._rows.get(key) == row:
            return
        self._rows.pop(key, None)
        self._rows[key] = row
        if self._live:
            self._live.update(self._table())
        elif state in FINAL:
            self.print(f"{state:<8} {key}  {row.note}".rstrip())

    def print(self, line: str) -> None:
        """Print a line above the table."""
        self.console.print(line, markup=False, emoji=False, soft_wrap=True)

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self._live = Live(self._table(), console=self.console, refresh_per_second=8)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def _table(self) -> Group:
        table = Table(box=None, header_style="bold", pad_edge=False)
        table.add_column("image", overflow="ellipsis", no_wrap=True)
        table.add_column("state")
        table.add_column("", overflow="fold")
        most = max(3, self.console.height - OTHER_LINES)
        for key, row in list(self._rows.items())[-most:]:
            table.add_row(escape(key), Text(row.state, style=COLORS[row.state]), escape(row.note))
        counts = Counter(row.state for row in self._rows.values())
        summary = ", ".join(f"{counts[state]} {state}" for state in COLORS if counts[state])
        return Group(
            table, Text(summary or "Waiting for images. Press Ctrl-C to stop.", style="bold")
        )
