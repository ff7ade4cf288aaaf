"""A log line in the terminal: time, function, level, message, key, and the other fields."""

import json
from datetime import datetime

from rich.text import Text

from darkroom.operations.logs import Line
from darkroom.terminal.escape import on_lines, on_one_line

LEVELS = {"DEBUG": "dim", "INFO": "green", "WARNING": "yellow", "ERROR": "bold red"}

HIDDEN = {
    "level", "message", "timestamp", "location", "service", "exception", "stack_trace", "key",
    "sequencer", "correlation_id", "message_id", "request_id", "xray_trace_id",
}  # fmt: skip
"""Fields that have a place of their own or are not shown: ``--json`` shows all."""


def log_line(line: Line) -> Text:
    """Return a line in color."""
    when = datetime.fromtimestamp(line.time / 1000).astimezone()
    text = Text(f"{when:%H:%M:%S}.{when.microsecond // 1000:03} ", style="dim")
    text.append(f"{line.function:<7} ", style="blue")
    record = line.record
    if not record:
        return text.append(on_lines(line.text), style="dim")
    level = str(record["level"])
    text.append(f"{level:<7} ", style=LEVELS.get(level, ""))
    text.append(on_one_line(str(record["message"])), style="bold")
    if "key" in record:
        text.append(f" {on_one_line(str(record['key']))}", style="cyan")
    for name, value in record.items():
        if name in HIDDEN or (name == "attempt" and value == 1) or value in (None, {}):
            continue
        text.append(f" {on_one_line(name)}=", style="dim")
        text.append(_brief(value))
    if "exception" in record:
        text.append(on_lines(f"\n{record['exception']}"), style="red")
    return text


def _brief(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{on_one_line(name)}:{_brief(each)}" for name, each in value.items())
    return on_one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
