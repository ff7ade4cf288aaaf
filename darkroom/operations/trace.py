"""The trace of one image: its stages and attempts, from its catalog entry and its log lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from darkroom.operations.logs import Line
from processor.catalog.entries import Entry
from processor.telemetry.timings import STAGES

ENDS = {
    "done": "done",
    "deleted": "deleted",
    "failed": "failed",
    "request failed": "failed; the published renditions remain",
    "held": "held for review",
    "gave up": "failed: no attempts left",
    "delivery failed": "failed with a transient error",
    "out of time": "out of time",
    "busy": "deferred: another attempt was in progress",
    "duplicate": "dropped: a duplicate",
    "superseded": "dropped: superseded by a newer change",
}
"""Log messages that end an attempt, and what they mean."""

BAD = ("failed", "request failed", "gave up", "delivery failed", "out of time")

SAME_EVENT = 2_000
"""Milliseconds between S3's event and the begin of the queue, if the event caused the message."""

DELIVERY = "delivery"
"""The title of the section before the first attempt."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stage, in milliseconds since 1970."""

    name: str
    start: float
    end: float
    depth: int = 0
    """1 and more for parts of the bar before."""
    is_bad: bool = False
    note: str = ""

    @property
    def length(self) -> float:
        """The duration in milliseconds."""
        return self.end - self.start


@dataclass(slots=True)
class Section:
    """The delivery to the function, or one attempt."""

    title: str
    bars: list[Bar] = field(default_factory=list)
    is_bad: bool = False

    @property
    def start(self) -> float:
        """The begin of its first bar, in milliseconds since 1970."""
        return min(bar.start for bar in self.bars)

    @property
    def end(self) -> float:
        """The end of its last bar, in milliseconds since 1970."""
        return max(bar.end for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Trace:
    """The sections of one image's trace, in the order of time."""

    entry: Entry
    sections: list[Section]

    @property
    def milliseconds(self) -> float:
        """The duration of the whole."""
        return max(each.end for each in self.sections) - min(each.start for each in self.sections)


def trace_of(entry: Entry, lines: Iterable[Line]) -> Trace:
    """Return the trace of the change that the entry describes, without earlier ones of its key.

    Without log lines (none yet, or expired ones) it shows the last attempt from the entry alone.
    """
    lines = [line for line in lines if line.record or not line.is_metric]
    own = [line for line in lines if line.record.get("sequencer") == entry["sequencer"]]
    attempts = [
        each for group in _by_receive(own) if (each := _attempt(entry, group, lines)) is not None
    ]
    if not any(line.record["message"] == "begun" for line in own):
        attempts = _from_entry(entry)
    delivery = _delivery(entry, lines, attempts, _queue_time(entry, own))
    return Trace(entry, [each for each in (delivery, *attempts) if each.bars])


def _by_receive(lines: Sequence[Line]) -> list[list[Line]]:
    groups: dict[tuple[Any, ...], list[Line]] = {}
    for line in lines:
        record = line.record
        name = tuple(record.get(each) for each in ("message_id", "attempt", "request_id"))
        groups.setdefault(name, []).append(line)
    return sorted(groups.values(), key=lambda group: group[0].time)


def _attempt(entry: Entry, group: list[Line], lines: Sequence[Line]) -> Section | None:
    """Return the section of one receive; None if its lines show neither a begin nor an end."""
    record = group[0].record
    end = next((each for each in reversed(group) if each.record["message"] in ENDS), None)
    began = next((each for each in group if each.record["message"] == "begun"), None)
    outcome = str(end.record["message"]) if end else ""
    section = Section(f"attempt {record.get('attempt', 1)}", is_bad=outcome in BAD or end is None)
    if began is None:
        if end is None:
            return None
        note = _reason(group) or ENDS[outcome]
        section.title += f": {ENDS[outcome]}"
        section.bars.append(Bar(outcome, end.time, end.time, is_bad=section.is_bad, note=note))
        return section
    if end is None:
        crashed, note = _crash(str(record.get("request_id")), lines)
        is_open = entry["status"] == "processing" and not note
        section.is_bad = not is_open
        section.title += ": in progress" if is_open else ": ended without a result"
        name = "in progress" if is_open else "crashed"
        finish = max(crashed, group[-1].time)
        section.bars.append(Bar(name, began.time, finish, is_bad=not is_open, note=note))
        return section
    section.title += f": {ENDS[outcome]}"
    timings = end.record.get("timings", {})
    stage = end.record.get("stage")
    section.bars += _stages(timings, began.time, entry if outcome == "done" else None, stage)
    if stage is None and outcome != "done":
        bar = Bar(outcome, began.time, end.time, is_bad=section.is_bad, note=_reason(group))
        section.bars.append(bar)
    elif outcome in ("failed", "request failed"):
        section.title += f" ({end.record.get('code')})"
    return section


def _stages(
    timings: dict[str, int], claimed: float, entry: Entry | None, failed_in: str | None = None
) -> list[Bar]:
    """Return the stages one after another; ``claimed`` is the end of the stage ``claim``."""
    bars: list[Bar] = []
    now = claimed - timings.get("claim", 0)
    for stage in STAGES:
        if stage not in timings:
            continue
        end = now + timings[stage]
        bad = stage == failed_in
        bars.append(Bar(stage, now, end, is_bad=bad, note="failed here" if bad else ""))
        if stage == "render":
            if "decode" in timings:
                bars.append(Bar("decode", now, now + timings["decode"], depth=1))
            if entry:
                bars += _renditions(entry, now, timings.get("decode", 0))
        now = end
    return bars


def _renditions(entry: Entry, render: float, decode: int) -> list[Bar]:
    return sorted(
        (
            Bar(
                each["name"],
                start := render + each.get("at", decode),
                start + each["ms"],
                depth=1,
                note=f"{each['width']}×{each['height']} {each['type'].removeprefix('image/')}",
            )
            for each in entry.get("renditions", ())
        ),
        key=lambda bar: bar.start,
    )


def _from_entry(entry: Entry) -> list[Section]:
    """Return the last attempt as the entry describes it."""
    timings = entry.get("timings")
    if not timings:
        return []
    claimed = _uploaded(entry) + timings.get("queue", 0) + timings.get("claim", 0)
    failed = entry["status"] == "failed"
    last = [stage for stage in STAGES if stage in timings][-1:]
    bars = _stages(timings, claimed, entry, last[0] if failed and last else None)
    return [Section(f"last attempt: {entry['status']}", bars, is_bad=failed)] if bars else []


def _queue_time(entry: Entry, own: Sequence[Line]) -> int | None:
    """Return the milliseconds in the queue before the first attempt."""
    for line in own:
        if line.record["message"] == "begun":
            queue = line.record.get("queue")
            return queue if isinstance(queue, int) else None
    return entry.get("timings", {}).get("queue")


def _delivery(
    entry: Entry, lines: Sequence[Line], attempts: Sequence[Section], queued: int | None
) -> Section:
    """Return the section from the presigned upload to the first attempt."""
    section = Section(DELIVERY)
    uploaded = _uploaded(entry)
    start = None
    if attempts and queued is not None:
        start = attempts[0].start - queued
    is_reprocessed = start is not None and abs(start - uploaded) > SAME_EVENT
    if not is_reprocessed:
        presigned = [
            line.time
            for line in lines
            if line.record.get("message") == "presigned"
            and line.record.get("correlation_id") == entry.get("correlation_id")
        ]
        if presigned and presigned[-1] <= uploaded:
            bar = Bar("upload", presigned[-1], uploaded, note="since it was presigned")
            section.bars.append(bar)
        section.bars.append(Bar("event", uploaded, uploaded, note="S3 stored the original"))
    if start is not None:
        note = "since the reprocess request" if is_reprocessed else ""
        section.bars.append(Bar("queue", start, attempts[0].start, note=note))
    return section


def _uploaded(entry: Entry) -> float:
    return datetime.fromisoformat(entry["timestamp"]).timestamp() * 1000


def _reason(group: Sequence[Line]) -> str:
    """Return why an attempt ended, from its last line that says so."""
    for line in reversed(group):
        record = line.record
        if "exception" in record:
            return str(record["exception"]).strip().splitlines()[-1]
        reason = record.get("reason")
        if reason:
            return reason["message"] if isinstance(reason, dict) else str(reason)
    return ""


def _crash(request: str, lines: Sequence[Line]) -> tuple[float, str]:
    """Return when and how an invocation crashed, by Lambda's own lines; 0 and "" if it did not."""
    for line in lines:
        if request in line.text and not line.record:
            if "timed out" in line.text:
                return line.time, "Lambda stopped the function at its timeout"
            if "Status:" in line.text or "exited" in line.text:
                return line.time, "the function crashed or ran out of memory"
    return 0, ""
