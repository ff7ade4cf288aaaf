"""The functions' log groups, read as one and shown as a person reads them in a terminal."""

import json
import math
import re
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rich.text import Text

from darkroom.terminal.escape import on_one_line
from processor.telemetry.correlation import upload_id

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

POLL_SECONDS = 0.5
LATE_SECONDS = 60
LEVELS = {"DEBUG": "dim", "INFO": "green", "WARNING": "yellow", "ERROR": "bold red"}
RANKS = {name: rank for rank, name in enumerate(("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))}
FRAME = {
    "level", "message", "timestamp", "location", "service", "exception", "stack_trace", "key",
    "sequencer", "correlation_id", "message_id", "request_id", "xray_trace_id",
}  # fmt: skip
"""Fields of a structured line that are shown apart, or not at all: ``--json`` shows all."""

BEGINNINGS = ("INIT_START", "START")

LONGEST_SECONDS = 3653 * 86_400
"""Of CloudWatch's times for which logs are kept, the longest.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Line:
    """One line of a function's log."""

    function: str
    event_time: int
    """When CloudWatch was told that it was written, in milliseconds since 1970."""
    text: str

    @cached_property
    def record(self) -> dict[str, Any]:
        """The fields of a structured line; none of one that Lambda has written."""
        try:
            record = json.loads(self.text)
        except ValueError:
            return {}
        return record if isinstance(record, dict) and {"level", "message"} <= record.keys() else {}

    @property
    def time(self) -> float:
        """When it was written, in milliseconds since 1970, to the millisecond if it says so."""
        try:
            return datetime.fromisoformat(self.record["timestamp"]).timestamp() * 1000
        except (KeyError, TypeError, ValueError):
            return self.event_time

    @property
    def is_metric(self) -> bool:
        """Whether it is there for CloudWatch's metrics, and no person."""
        return self.text.startswith('{"_aws"')


DIED = re.compile(r"^\[ERROR\]|Task timed out|signal: killed|Status: (?:error|timeout)")
"""What Lambda says, in no JSON, of a function that could not speak for itself."""

REQUEST_ID = re.compile(r"^(?:START|END|REPORT) RequestId: ([\w-]+)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines are wanted. ``image`` is a key, ``level`` the least that is shown."""

    image: str | None = None
    level: str | None = None
    metrics: bool = False

    def has(self, line: Line) -> bool:
        """Whether a line is among them; Lambda's own are only where all are."""
        if line.is_metric:
            return self.metrics and not (self.image or self.level)
        if self.level:
            level = line.record.get("level", "ERROR" if DIED.search(line.text) else "")
            if RANKS.get(level, -1) < RANKS[self.level]:
                return False
        return self.image is None or self._is_about_it(line)

    def _is_about_it(self, line: Line) -> bool:
        assert self.image is not None  # noqa: S101 (for the type checker)
        upload = upload_id(self.image)
        return line.record.get("key") == self.image or bool(
            upload and line.record.get("correlation_id") == upload
        )

    @property
    def pattern(self) -> str | None:
        """What the service is asked to leave out already, where that can be said safely.

        A term that every wanted line holds; what comes is looked at again here.
        """
        if self.image and re.fullmatch(r"[\w./+=@:-]+", self.image, re.ASCII):
            return f'"{self.image}"'
        return None


def seconds_of(span: str) -> float:
    """Read ``90s``, ``10m``, ``2h`` or ``1d``. Raises ``ValueError``."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", span, re.ASCII)
    if not found:
        raise ValueError(f"{span!r} is no span of time: write 90s, 10m, 2h or 1d.")
    seconds = float(found[1]) * UNITS[found[2]]
    if seconds > LONGEST_SECONDS:
        raise ValueError(
            f"{span!r} is longer than CloudWatch keeps logs: write at most "
            f"{LONGEST_SECONDS // UNITS['d']}d."
        )
    return seconds


def read_logs(
    logs: "CloudWatchLogsClient",
    groups: Collection[str],
    seconds: float,
    wanted: Wanted,
    *,
    follow: bool = False,
) -> Iterator[Line]:
    """The lines of the last ``seconds``, by their time, and those to come if ``follow``."""
    since = round((time.time() - seconds) * 1000)
    seen: set[str] = set()
    there: set[str] = set()
    while True:
        found: list[Line] = []
        newest = since
        for group in groups:
            for event_id, line in _events_if_there(logs, group, since, wanted.pattern, there):
                if event_id not in seen:
                    seen.add(event_id)
                    newest = max(newest, line.event_time)
                    if wanted.has(line):
                        found.append(line)
        yield from sorted(found, key=lambda line: line.time)
        if not follow:
            return
        # Events may come late, but not by much; what is older need not be read again.
        since = max(since, newest - LATE_SECONDS * 1000)
        time.sleep(POLL_SECONDS)


def _events_if_there(
    logs: "CloudWatchLogsClient", group: str, since: int, pattern: str | None, there: set[str]
) -> list[tuple[str, Line]]:
    """A group that was there, and is not, has no events: its stack is being replaced."""
    try:
        events = list(_events(logs, group, since, pattern))
    except logs.exceptions.ResourceNotFoundException:
        if group in there:
            return []
        raise
    there.add(group)
    return events


def _events(
    logs: "CloudWatchLogsClient", group: str, since: int, pattern: str | None
) -> Iterator[tuple[str, Line]]:
    function = group.rpartition("-")[2]
    asked: dict[str, Any] = {"filterPattern": pattern} if pattern else {}
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=since, **asked
    )
    events = [event for page in pages for event in page["events"]]
    lines = [Line(function, each["timestamp"], each["message"].rstrip()) for each in events]
    for event, line in zip(events, _begun_in_time(lines), strict=True):
        yield event["eventId"], line


def _begun_in_time(lines: list[Line]) -> list[Line]:
    """Put what Lambda says of a beginning no later than what the function says next.

    LocalStack gives all lines of an invocation the time of its end.
    """
    mended: list[Line] = []
    following = math.inf
    for line in reversed(lines):
        if line.text.startswith(BEGINNINGS) and following < line.event_time:
            line = replace(line, event_time=math.floor(following))  # noqa: PLW2901
        following = line.time
        mended.append(line)
    return mended[::-1]


def shown(line: Line) -> Text:
    """A line in color: time, function, level, what happened, to which picture."""
    when = datetime.fromtimestamp(line.time / 1000).astimezone()
    text = Text(f"{when:%H:%M:%S}.{when.microsecond // 1000:03} ", style="dim")
    text.append(f"{line.function:<7} ", style="blue")
    record = line.record
    if not record:
        return text.append(line.text, style="dim")
    level = str(record["level"])
    text.append(f"{level:<7} ", style=LEVELS.get(level, ""))
    text.append(str(record["message"]), style="bold")
    if "key" in record:
        text.append(f" {on_one_line(str(record['key']))}", style="cyan")
    for name, value in record.items():
        if name in FRAME or (name == "attempt" and value == 1) or value in (None, {}):
            continue
        text.append(f" {name}=", style="dim")
        text.append(_brief(value))
    if "exception" in record:
        text.append(f"\n{record['exception']}", style="red")
    return text


def as_json(line: Line) -> str:
    """A line as one JSON object: what Lambda writes in no JSON is the message of one."""
    try:
        record = json.loads(line.text)
    except (ValueError, RecursionError):
        record = None
    if isinstance(record, dict):
        # An object may have been written over several lines.
        return json.dumps(record, ensure_ascii=False) if "\n" in line.text else line.text
    time = datetime.fromtimestamp(line.time / 1000, UTC).isoformat(timespec="milliseconds")
    level = "ERROR" if DIED.search(line.text) else "INFO"
    record = {"level": level, "message": line.text, "timestamp": time}
    if found := REQUEST_ID.search(line.text):
        record["request_id"] = found[1]
    return json.dumps(record, ensure_ascii=False)


def _brief(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}:{_brief(each)}" for name, each in value.items())
    return on_one_line(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
