"""What becomes of the files of a folder, as a live table in the terminal."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, Self

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from darkroom.terminal.escape import on_one_line

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
ENDS = ("done", "held", "failed", "gone")

REST_LINES = 6
"""Of the terminal, for what is not a row."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one file."""

    state: State
    note: str = ""


@dataclass
class Board:
    """The table: the newest files at its end, as many as the terminal has lines for.

    Where nobody watches (a log, a pipe), each file's end is one line.
    """

    console: Console
    _rows: dict[str, Row] = field(default_factory=dict, init=False)
    _live: Live | None = field(default=None, init=False)

    def put(self, key: str, state: State, note: str = "") -> None:
        """Say what has become of a file."""
        key, row = on_one_line(key), Row(state, on_one_line(note))
        if self._rows.get(key) == row:
            return
        self._rows.pop(key, None)
        self._rows[key] = row
        if self._live:
            self._live.update(self._table())
        elif state in ENDS:
            self.say(f"{state:<8} {key}  {row.note}".rstrip())

    def say(self, line: str) -> None:
        """Write a line of its own, above the table."""
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
        table.add_column("picture", overflow="ellipsis", no_wrap=True)
        table.add_column("state")
        table.add_column("", overflow="fold")
        most = max(3, self.console.height - REST_LINES)
        for key, row in list(self._rows.items())[-most:]:
            table.add_row(escape(key), Text(row.state, style=COLORS[row.state]), escape(row.note))
        counts = Counter(row.state for row in self._rows.values())
        summary = ", ".join(f"{counts[state]} {state}" for state in COLORS if counts[state])
        return Group(table, Text(summary or "Waiting for pictures. Ctrl-C ends.", style="bold"))
