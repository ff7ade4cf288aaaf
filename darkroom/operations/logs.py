"""The functions' log groups, read as one log in the order in which its lines were written."""

import json
import math
import re
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3

from darkroom.clock import clock
from darkroom.cloud import Cloud
from darkroom.errors import CommandError
from processor.telemetry.correlation import upload_id

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

POLL_SECONDS = 0.5
LATE_SECONDS = 60
"""Longest delay of an event after newer ones."""

LOG_GROUPS = (
    "LogGroup",
    "WorkflowLogGroup",
    "ApiLogGroup",
    "ChangesLogGroup",
    "WebhookLogGroup",
    "VariantLogGroup",
)
"""Outputs of the stack that name the functions' log groups; the last exists unless ``Variants`` is
off."""

RANKS = {name: rank for rank, name in enumerate(("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))}

BEGINNINGS = ("INIT_START", "START")
"""How Lambda's lines on the begin of an invocation begin."""

DIED = re.compile(r"^\[ERROR\]|Task timed out|signal: killed|Status: (?:error|timeout)")
"""Lambda's unstructured lines about a function that crashed."""

REQUEST_ID = re.compile(r"^(?:START|END|REPORT) RequestId: ([\w-]+)")

LONGEST_SECONDS = 3653 * 86_400
"""The longest retention of CloudWatch Logs.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Line:
    """One line of a function's log."""

    function: str
    event_time: int
    """CloudWatch's time of the event, in milliseconds since 1970."""
    text: str

    @cached_property
    def record(self) -> dict[str, Any]:
        """The fields of a structured line; empty for Lambda's own lines."""
        try:
            record = json.loads(self.text)
        except ValueError:
            return {}
        return record if isinstance(record, dict) and {"level", "message"} <= record.keys() else {}

    @property
    def time(self) -> float:
        """The line's own timestamp, else that of the event, in milliseconds since 1970."""
        try:
            return datetime.fromisoformat(self.record["timestamp"]).timestamp() * 1000
        except (KeyError, TypeError, ValueError):
            return self.event_time

    @property
    def is_metric(self) -> bool:
        """Whether it is a metric in CloudWatch's embedded metric format."""
        return self.text.startswith('{"_aws"')

    def as_json(self) -> str:
        """Return the line as one JSON object in ASCII; an unstructured text becomes its message."""
        with suppress(ValueError, RecursionError):
            record = json.loads(self.text)
            if isinstance(record, dict):
                return json.dumps(record, allow_nan=False)  # Python reads NaN, which is not JSON
        time = datetime.fromtimestamp(self.time / 1000, UTC).isoformat(timespec="milliseconds")
        level = "ERROR" if DIED.search(self.text) else "INFO"
        record = {"level": level, "message": self.text, "timestamp": time}
        if found := REQUEST_ID.search(self.text):
            record["request_id"] = found[1]
        return json.dumps(record)


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Selects lines."""

    image: str | None = None
    """The original's key; None selects the lines of all."""
    level: str | None = None
    """The lowest level."""
    metrics: bool = False
    """Whether metrics are selected too."""

    def selects(self, line: Line) -> bool:
        """Whether a line is selected; Lambda's own lines and metrics only without other fields."""
        if line.is_metric:
            return self.metrics and not (self.image or self.level)
        if self.level:
            level = line.record.get("level", "ERROR" if DIED.search(line.text) else "")
            if RANKS.get(level, -1) < RANKS[self.level]:
                return False
        if self.image is None:
            return True
        upload = upload_id(self.image)
        return line.record.get("key") == self.image or bool(
            upload and line.record.get("correlation_id") == upload
        )

    @property
    def pattern(self) -> str | None:
        """A CloudWatch filter pattern that every selected line matches, and others may match.

        Only for keys that need no escaping, in the pattern or in JSON.
        """
        if self.image and re.fullmatch(r"[\w./+=@:-]+", self.image, re.ASCII):
            return f'"{self.image}"'
        return None


def seconds_of(span: str) -> float:
    """Parse ``90s``, ``10m``, ``2h`` or ``1d`` into seconds. Raises ``CommandError``."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", span, re.ASCII)
    if not found:
        raise CommandError(f"{span!r} is not a duration. Use a value such as 90s, 10m, 2h or 1d.")
    seconds = float(found[1]) * UNITS[found[2]]
    if seconds > LONGEST_SECONDS:
        raise CommandError(
            f"{span!r} is longer than CloudWatch keeps logs. Use at most "
            f"{LONGEST_SECONDS // UNITS['d']}d."
        )
    return seconds


def stack_logs(
    cloud: Cloud, seconds: float, selection: LogFilter, *, follow: bool = False
) -> Iterator[Line]:
    """Yield the selected lines of all functions of a stack, as ``read_logs`` does."""
    groups = [cloud.outputs[name] for name in LOG_GROUPS if name in cloud.outputs]
    return read_logs(boto3.client("logs"), groups, seconds, selection, follow=follow)


def read_logs(
    logs: "CloudWatchLogsClient",
    groups: Collection[str],
    seconds: float,
    selection: LogFilter,
    *,
    follow: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Line]:
    """Yield the lines of the last ``seconds`` by time; with ``follow``, also those to come."""
    since = round((clock.now() - seconds) * 1000)
    seen: set[str] = set()
    existing: set[str] = set()
    while True:
        found: list[Line] = []
        newest = since
        for group in groups:
            for event_id, line in _existing_events(logs, group, since, selection, existing):
                if event_id not in seen:
                    seen.add(event_id)
                    newest = max(newest, line.event_time)
                    if selection.selects(line):
                        found.append(line)
        yield from sorted(found, key=lambda line: line.time)
        if not follow:
            return
        since = max(since, newest - LATE_SECONDS * 1000)
        sleep(POLL_SECONDS)


def _existing_events(
    logs: "CloudWatchLogsClient", group: str, since: int, selection: LogFilter, existing: set[str]
) -> list[tuple[str, Line]]:
    """Return a group's events; none if it no longer exists, because its stack is being replaced."""
    try:
        events = list(_events(logs, group, since, selection))
    except logs.exceptions.ResourceNotFoundException:
        if group in existing:
            return []
        raise
    existing.add(group)
    return events


def _events(
    logs: "CloudWatchLogsClient", group: str, since: int, selection: LogFilter
) -> Iterator[tuple[str, Line]]:
    function = group.rpartition("-")[2]
    options: dict[str, Any] = {"filterPattern": selection.pattern} if selection.pattern else {}
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, startTime=since, **options
    )
    events = [event for page in pages for event in page["events"]]
    lines = [Line(function, each["timestamp"], each["message"].rstrip()) for each in events]
    for event, line in zip(events, _beginnings_first(lines), strict=True):
        yield event["eventId"], line


def _beginnings_first(lines: list[Line]) -> list[Line]:
    """Move Lambda's lines on a beginning before the function's next line.

    LocalStack gives all lines of an invocation the time of its end.
    """
    moved: list[Line] = []
    following = math.inf
    for line in reversed(lines):
        if line.text.startswith(BEGINNINGS) and following < line.event_time:
            line = replace(line, event_time=math.floor(following))  # noqa: PLW2901
        following = line.time
        moved.append(line)
    return moved[::-1]
