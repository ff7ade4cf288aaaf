"""Outcomes in the function's log."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

COMMITS = ("done", "failed", "deleted")
"""Messages of the log after a commit."""


@dataclass(slots=True)
class Outcomes:
    """Counts of log messages."""

    said: Counter[str] = field(default_factory=Counter)
    """Number of each message."""
    commits: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Commits by key and sequencer of the change."""
    reconciled: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Reconciliations after a late older change, by key and sequencer."""
    milliseconds: Counter[str] = field(default_factory=Counter)
    """Milliseconds of each stage, summed over finished images."""


def outcomes(logs: "CloudWatchLogsClient", group: str) -> Outcomes:
    """Read all lines of a log group."""
    found = Outcomes()
    for line in _lines(logs, group):
        if not line.startswith("{"):
            continue
        try:
            record = json.loads(line)
        except ValueError:
            continue  # its process was killed while it wrote
        if (said := record.get("message")) is None:
            continue  # a metric
        change = record.get("key"), record.get("sequencer")
        found.said[said] += 1
        if said in COMMITS:
            found.commits[change] += 1
        elif said == "reconciled":
            found.reconciled[change] += 1
        if said == "done":
            found.milliseconds.update(record["timings"])
    return found


def _lines(logs: "CloudWatchLogsClient", group: str) -> Iterator[str]:
    """Yield all lines, stream by stream: in LocalStack a search over all streams is far slower."""
    for page in logs.get_paginator("describe_log_streams").paginate(logGroupName=group):
        for stream in page["logStreams"]:
            token = None
            while True:
                page_of_events = logs.get_log_events(
                    logGroupName=group,
                    logStreamName=stream["logStreamName"],
                    startFromHead=True,
                    **({"nextToken": token} if token else {}),  # type: ignore[arg-type]
                )
                for event in page_of_events["events"]:
                    yield from event["message"].splitlines()
                if page_of_events["nextForwardToken"] == token or not page_of_events["events"]:
                    break
                token = page_of_events["nextForwardToken"]
