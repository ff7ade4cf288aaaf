"""A log group as a person reads it in a terminal."""

import json
import time
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

POLL_SECONDS = 0.5
LATE_SECONDS = 60
LEVELS = {"DEBUG": "dim", "INFO": "green", "WARNING": "yellow", "ERROR": "bold red"}
FRAME = {"level", "message", "timestamp", "location", "service", "exception_name", "exception"}
"""Fields of a structured line that are shown apart, or not at all."""


def follow_logs(
    logs: "CloudWatchLogsClient", group: str, seconds: float, console: Console, *, follow: bool
) -> None:
    """Print the group's events of the last ``seconds``, and those to come if ``follow``."""
    since = round((time.time() - seconds) * 1000)
    seen: set[str] = set()
    newest = since
    pages = logs.get_paginator("filter_log_events")
    while True:
        for page in pages.paginate(logGroupName=group, startTime=since):
            for event in page["events"]:
                if event["eventId"] not in seen:
                    seen.add(event["eventId"])
                    console.print(line(event["timestamp"], event["message"]), soft_wrap=True)
                    newest = max(newest, event["timestamp"])
        if not follow:
            return
        # Events may come late, but not by much; what is older need not be read again.
        since = max(since, newest - LATE_SECONDS * 1000)
        time.sleep(POLL_SECONDS)


def line(timestamp: int, message: str) -> Text:
    """One event, in colour; ``timestamp`` in milliseconds since 1970."""
    text = Text(
        datetime.fromtimestamp(timestamp / 1000).astimezone().strftime("%H:%M:%S "), style="dim"
    )
    try:
        record = json.loads(message)
        level, said = record["level"], record["message"]
    except (ValueError, KeyError, TypeError):
        return text.append(message.rstrip(), style="dim")
    text.append(f"{level:<7} ", style=LEVELS.get(level, ""))
    text.append(str(said), style="bold")
    for name, value in record.items():
        if name not in FRAME:
            text.append(f" {name}=", style="dim")
            text.append(value if isinstance(value, str) else json.dumps(value))
    if "exception" in record:
        text.append("\n" + record["exception"], style="red")
    return text
