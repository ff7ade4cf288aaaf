"""What the function says of its work, from its log."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

COMMITS = ("done", "failed", "deleted")
"""What a function says after it has made an outcome known."""


@dataclass(slots=True)
class Outcomes:
    """What was said, counted."""

    said: Counter[str] = field(default_factory=Counter)
    """Each sentence."""
    commits: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Outcomes that were made known, by key and sequencer of the change."""
    reconciled: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Those that were made void, and made anew, because an older change came to them late."""
    milliseconds: Counter[str] = field(default_factory=Counter)
    """Of each stage of what is done, all together."""


def outcomes(logs: "CloudWatchLogsClient", group: str) -> Outcomes:
    """Read all that a log group holds."""
    found = Outcomes()
    for line in _lines(logs, group):
        if not line.startswith("{"):
            continue
        try:
            record = json.loads(line)
        except ValueError:
            continue  # a process was killed while it wrote
        said, change = record.get("message"), (record.get("key"), record.get("sequencer"))
        found.said[str(said)] += 1
        if said in COMMITS:
            found.commits[change] += 1
        elif said == "reconciled":
            found.reconciled[change] += 1
        if said == "done":
            found.milliseconds.update(record["timings"])
    return found


def _lines(logs: "CloudWatchLogsClient", group: str) -> Iterator[str]:
    """All lines, stream by stream: LocalStack takes far longer to search in all at once."""
    for page in logs.get_paginator("describe_log_streams").paginate(logGroupName=group):
        for stream in page["logStreams"]:
            token = None
            while True:
                answer = logs.get_log_events(
                    logGroupName=group,
                    logStreamName=stream["logStreamName"],
                    startFromHead=True,
                    **({"nextToken": token} if token else {}),  # type: ignore[arg-type]
                )
                for event in answer["events"]:
                    yield from event["message"].splitlines()
                if answer["nextForwardToken"] == token or not answer["events"]:
                    break
                token = answer["nextForwardToken"]
