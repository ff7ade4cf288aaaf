"""One picture's way through the pipeline, put together from its entry and its lines in the log."""

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
    "request failed": "failed; what was published stays",
    "held": "held for review",
    "gave up": "gave up",
    "delivery failed": "broke off",
    "out of time": "out of time",
    "busy": "another attempt was at work",
    "duplicate": "dropped: a duplicate",
    "superseded": "dropped: a newer change of the key is known",
}
"""Messages that end an attempt, and what that means."""

BAD = ("failed", "request failed", "gave up", "delivery failed", "out of time")

TOGETHER = 2_000
"""Milliseconds: when S3 took the original, and the beginning of the queue, if they are the same."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of the way, in milliseconds since 1970."""

    name: str
    start: float
    end: float
    depth: int = 0
    """1 and more for parts of the part before."""
    is_bad: bool = False
    note: str = ""

    @property
    def length(self) -> float:
        """In milliseconds."""
        return self.end - self.start


@dataclass(slots=True)
class Part:
    """What is drawn together: the way to the function, or one attempt."""

    title: str
    bars: list[Bar] = field(default_factory=list)
    is_bad: bool = False

    @property
    def start(self) -> float:
        """When it began, in milliseconds since 1970."""
        return min(bar.start for bar in self.bars)

    @property
    def end(self) -> float:
        """When it ended, in milliseconds since 1970."""
        return max(bar.end for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Trace:
    """A picture's way."""

    entry: Entry
    parts: list[Part]

    @property
    def milliseconds(self) -> float:
        """From beginning to end."""
        return max(part.end for part in self.parts) - min(part.start for part in self.parts)


def trace(entry: Entry, lines: Iterable[Line]) -> Trace:
    """Put together the way of what is in the catalog now: earlier uploads of the key are not told.

    Without lines (they are not there yet, or no more) the entry alone tells of the last attempt.
    """
    lines = [line for line in lines if line.record or not line.is_metric]
    told = [line for line in lines if line.record.get("sequencer") == entry["sequencer"]]
    attempts = [
        part for group in _by_delivery(told) if (part := _attempt(entry, group, lines)) is not None
    ]
    if not any(line.record["message"] == "begun" for line in told):
        attempts = _from_entry(entry)
    way = _way(entry, lines, attempts, _queued(entry, told))
    return Trace(entry, [part for part in (way, *attempts) if part.bars])


def _by_delivery(lines: Sequence[Line]) -> list[list[Line]]:
    groups: dict[tuple[Any, ...], list[Line]] = {}
    for line in lines:
        record = line.record
        name = tuple(record.get(each) for each in ("message_id", "attempt", "request_id"))
        groups.setdefault(name, []).append(line)
    return sorted(groups.values(), key=lambda group: group[0].time)


def _attempt(entry: Entry, group: list[Line], lines: Sequence[Line]) -> Part | None:
    """What one delivery has come to."""
    record = group[0].record
    end = next((each for each in reversed(group) if each.record["message"] in ENDS), None)
    began = next((each for each in group if each.record["message"] == "begun"), None)
    said = str(end.record["message"]) if end else ""
    part = Part(f"attempt {record.get('attempt', 1)}", is_bad=said in BAD or end is None)
    if began is None:
        if end is None:
            return None
        note = _reason(group) or ENDS[said]
        part.title += f": {ENDS[said]}"
        part.bars.append(Bar(said, end.time, end.time, is_bad=part.is_bad, note=note))
        return part
    if end is None:
        last, note = _death(str(record.get("request_id")), lines)
        is_open = entry["status"] == "processing" and not note
        part.is_bad = not is_open
        part.title += ": at work" if is_open else ": ended without a word"
        finish = max(last, group[-1].time)
        part.bars.append(
            Bar("at work" if is_open else "died", began.time, finish, is_bad=not is_open, note=note)
        )
        return part
    part.title += f": {ENDS[said]}"
    timings = end.record.get("timings", {})
    stage = end.record.get("stage")
    part.bars += _stages(timings, began.time, entry if said == "done" else None, stage)
    if stage is None and said != "done":
        part.bars.append(Bar(said, began.time, end.time, is_bad=part.is_bad, note=_reason(group)))
    elif said in ("failed", "request failed"):
        part.title += f" ({end.record.get('code')})"
    return part


def _stages(
    timings: dict[str, int], began: float, entry: Entry | None, failed_in: str | None = None
) -> list[Bar]:
    """The stages one after another; ``began`` is when the claim was there."""
    bars: list[Bar] = []
    now = began - timings.get("claim", 0)
    for stage in STAGES:
        if stage not in timings:
            continue
        length = timings[stage]
        bad = stage == failed_in
        bars.append(Bar(stage, now, now + length, is_bad=bad, note="failed here" if bad else ""))
        if stage == "render":
            if "decode" in timings:
                bars.append(Bar("decode", now, now + timings["decode"], depth=1))
            if entry:
                bars += _renditions(entry, now, timings.get("decode", 0))
        now += length
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


def _from_entry(entry: Entry) -> list[Part]:
    """The last attempt, as far as the entry tells of it."""
    timings = entry.get("timings")
    if not timings:
        return []
    began = _uploaded(entry) + timings.get("queue", 0) + timings.get("claim", 0)
    failed = entry["status"] == "failed"
    last = [stage for stage in STAGES if stage in timings][-1:]
    bars = _stages(timings, began, entry, last[0] if failed and last else None)
    return [Part(f"last attempt: {entry['status']}", bars, is_bad=failed)] if bars else []


def _queued(entry: Entry, told: Sequence[Line]) -> int | None:
    """Milliseconds in the queue before the first attempt."""
    for line in told:
        if line.record["message"] == "begun":
            queue = line.record.get("queue")
            return queue if isinstance(queue, int) else None
    return entry.get("timings", {}).get("queue")


def _way(entry: Entry, lines: Sequence[Line], attempts: Sequence[Part], queued: int | None) -> Part:
    """From the presigning to the first attempt."""
    part = Part("the way to the function")
    uploaded = _uploaded(entry)
    start = None
    if attempts and queued is not None:
        start = attempts[0].start - queued
    asked_again = start is not None and abs(start - uploaded) > TOGETHER
    if not asked_again:
        presigned = [
            line.time
            for line in lines
            if line.record.get("message") == "presigned"
            and line.record.get("correlation_id") == entry.get("correlation_id")
        ]
        if presigned and presigned[-1] <= uploaded:
            part.bars.append(Bar("upload", presigned[-1], uploaded, note="since it was presigned"))
        part.bars.append(Bar("event", uploaded, uploaded, note="S3 took the original"))
    if start is not None:
        note = "since it was asked for again" if asked_again else ""
        part.bars.append(Bar("queue", start, attempts[0].start, note=note))
    return part


def _uploaded(entry: Entry) -> float:
    return datetime.fromisoformat(entry["timestamp"]).timestamp() * 1000


def _reason(group: Sequence[Line]) -> str:
    """What the lines of an attempt say of why it ended."""
    for line in reversed(group):
        record = line.record
        if "exception" in record:
            return str(record["exception"]).strip().splitlines()[-1]
        reason = record.get("reason")
        if reason:
            return reason["message"] if isinstance(reason, dict) else str(reason)
    return ""


def _death(request: str, lines: Sequence[Line]) -> tuple[float, str]:
    """When and how Lambda says that an invocation has ended, if not well."""
    for line in lines:
        if request in line.text and not line.record:
            if "timed out" in line.text:
                return line.time, "Lambda ended the function: its time was over"
            if "Status:" in line.text or "exited" in line.text:
                return line.time, "the function died (its memory, or a crash)"
    return 0, ""
