"""Reading the functions' logs."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from darkroom.operations.logs import (
    Line,
    Wanted,
    as_json,
    read_logs,
    seconds_of,
    shown,
)
from processor.telemetry.correlation import upload_id

NOW = 1_800_000_000_000
KEY = "uploads/abcdefghij234567/a.jpg"


class Logs:
    """Plays CloudWatch Logs: groups of lines, each with its time; ignores patterns."""

    class exceptions:  # noqa: N801 (boto3's word)
        """As clients have them."""

        ResourceNotFoundException = KeyError

    def __init__(self, **groups: list[tuple[int, str]]) -> None:
        self.groups = groups
        self.asked: list[dict[str, Any]] = []

    def get_paginator(self, operation: str) -> "Logs":
        """One that knows of this operation alone."""
        assert operation == "filter_log_events"
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        """A page for each event."""
        self.asked.append(asked)
        for number, (time, text) in enumerate(self.groups[asked["logGroupName"].strip("/")]):
            event = {"eventId": f"{asked['logGroupName']}{number}", "timestamp": time}
            yield {"events": [{**event, "message": f"{text}\n"}]}


def said(message: str, milliseconds: int = 0, level: str = "INFO", **fields: Any) -> str:
    """A structured line, so long after ``NOW``."""
    time = f"2027-01-15T08:00:{milliseconds / 1000:06.3f}+00:00"
    return json.dumps({"level": level, "message": message, "timestamp": time, **fields})


def read(logs: Logs, wanted: Wanted | None = None) -> list[Line]:
    """What is read of both functions."""
    return list(read_logs(logs, ["process", "api"], 60, wanted or Wanted()))  # type: ignore[arg-type]


def test_both_functions_in_the_order_of_their_words() -> None:
    """The lines' own time counts: LocalStack gives those of an invocation that of its end."""
    end = NOW + 400
    logs = Logs(
        process=[
            (end, "START RequestId: 1"),
            (end, said("begun", 100)),
            (end, said("done", 300)),
            (end, "END RequestId: 1"),
        ],
        api=[(NOW + 250, "START RequestId: 2"), (NOW + 250, said("request", 200))],
    )
    assert [(line.function, line.record.get("message", line.text[:3])) for line in read(logs)] == [
        ("process", "STA"),
        ("process", "begun"),
        ("api", "STA"),
        ("api", "request"),
        ("process", "done"),
        ("process", "END"),
    ]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), ["START", "a", "b", "c", "e"]),
        (Wanted(level="WARNING"), ["b", "c"]),
        (Wanted(level="ERROR"), ["c"]),
        (Wanted(image="k"), ["a", "c"]),
        (Wanted(image="k", level="ERROR"), ["c"]),
        (Wanted(image=KEY), ["e"]),
        (Wanted(metrics=True), ["START", "a", "b", "c", "metrics", "e"]),
    ],
)
def test_what_is_wanted(wanted: Wanted, expected: list[str]) -> None:
    """By picture, by level, both; metrics and Lambda's own lines only where all is wanted."""
    lines = [
        "START",
        said("a", 1, key="k"),
        said("b", 2, "WARNING", key="other"),
        said("c", 3, "ERROR", key="k"),
        '{"_aws": {}, "message": "metrics", "level": ""}',
        said("e", 4, correlation_id=upload_id(KEY)),
    ]
    logs = Logs(process=[(NOW + number, text) for number, text in enumerate(lines)], api=[])
    found = read(logs, wanted)
    assert [line.record.get("message", line.text) for line in found] == expected


@pytest.mark.parametrize(
    ("key", "pattern"),
    [("a/b-1.jpg", '"a/b-1.jpg"'), ('a"b', None), ("é.jpg", None), ("a b", None)],
)
def test_the_service_leaves_out_what_it_safely_can(key: str, pattern: str | None) -> None:
    """A term without anything that patterns, or JSON, would write in another way."""
    logs = Logs(process=[], api=[])
    read(logs, Wanted(image=key))
    assert [asked.get("filterPattern") for asked in logs.asked] == [pattern] * 2


@pytest.mark.parametrize(
    ("text", "is_error"),
    [
        ("[ERROR] Runtime.ImportModuleError: no module", True),
        ("2026-01-01T00:00:00Z 1 Task timed out after 60.00 seconds", True),
        ("REPORT RequestId: 1\tDuration: 3 ms\tStatus: error\tError Type: x", True),
        ("START RequestId: 1 Version: $LATEST", False),
        ("REPORT RequestId: 1\tDuration: 3 ms", False),
    ],
)
def test_functions_that_die_are_errors(text: str, is_error: bool) -> None:  # noqa: FBT001
    """Lambda's own words about them are shown to who asks for errors alone."""
    logs = Logs(process=[(NOW, text)], api=[])
    assert bool(read(logs, Wanted(level="ERROR"))) == is_error


def test_following_tells_each_line_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is late is told when it is there; what was told is not told again."""
    logs = Logs(process=[(NOW, said("first"))], api=[])
    rounds: list[float] = []

    def wait(seconds: float) -> None:
        rounds.append(seconds)
        logs.groups["api"].append((NOW, said("late")))

    monkeypatch.setattr("darkroom.operations.logs.time.sleep", wait)
    lines = read_logs(logs, ["process", "api"], 60, Wanted(), follow=True)  # type: ignore[arg-type]
    assert [next(lines).record["message"], next(lines).record["message"]] == ["first", "late"]
    assert len(rounds) == 1


def test_following_outlasts_a_stack_that_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group that is gone for a while has nothing to tell; one that never was is an error."""
    logs = Logs(process=[(NOW, said("first"))], api=[])
    states = iter([{}, {"process": [(NOW, ""), (NOW, said("again"))], "api": []}])

    def wait(_: float) -> None:
        logs.groups = next(states)

    monkeypatch.setattr("darkroom.operations.logs.time.sleep", wait)
    lines = read_logs(logs, ["process", "api"], 60, Wanted(), follow=True)  # type: ignore[arg-type]
    assert [next(lines).record["message"], next(lines).record["message"]] == ["first", "again"]
    with pytest.raises(KeyError):
        next(read_logs(Logs(), ["process"], 60, Wanted(), follow=True))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("span", "seconds"), [("90s", 90), ("10m", 600), ("1.5h", 5400), ("2d", 172_800)]
)
def test_spans(span: str, seconds: float) -> None:
    """A number and a unit."""
    assert seconds_of(span) == seconds


@pytest.mark.parametrize("span", ["", "10", "m", "-1m", "1w", "1 m"])
def test_other_spans_are_refused(span: str) -> None:
    """The complaint says how to write one."""
    with pytest.raises(ValueError, match="write 90s, 10m, 2h or 1d"):
        seconds_of(span)


@pytest.mark.parametrize("span", ["99999999999d", "3654d", "1e9d", f"{'9' * 400}s"])
def test_spans_beyond_all_logs_are_refused(span: str) -> None:
    """The complaint says what there may be at most, or how to write one."""
    with pytest.raises(ValueError, match=r"write (at most 3653d|90s)"):
        seconds_of(span)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "REPORT RequestId: 1-a\tDuration: 3 ms",
            {"level": "INFO", "message": "REPORT RequestId: 1-a\tDuration: 3 ms",
             "request_id": "1-a"},
        ),
        (
            "[ERROR] ValueError: no\nTraceback :smile:",
            {"level": "ERROR", "message": "[ERROR] ValueError: no\nTraceback :smile:"},
        ),
        ("5", {"level": "INFO", "message": "5"}),
        ("[1]", {"level": "INFO", "message": "[1]"}),
    ],
)  # fmt: skip
def test_lambdas_own_words_as_json(text: str, expected: dict[str, str]) -> None:
    """They are the message of an object, whose fields have the names of the other lines'."""
    line = as_json(Line("process", NOW, text))
    assert "\n" not in line
    assert json.loads(line) == {**expected, "timestamp": "2027-01-15T08:00:00.000+00:00"}


def test_json_stays_as_it_is() -> None:
    """A structured line and a metric's are as they were written, on one line."""
    for text in (said("begun", key="a :smile: b"), '{"_aws": {}, "ImagesDone": 1}'):
        assert as_json(Line("process", NOW, text)) == text
    assert as_json(Line("process", NOW, '{"a":\n 1}')) == '{"a": 1}'


def test_a_line_shows_what_matters() -> None:
    """Timings in one go, no empty fields, no ids: those are for --json."""
    record = said(
        "done",
        key="k",
        timings={"fetch": 3, "render": 20},
        correlation_id="c",
        attempt=1,
        details={},
    )
    text = shown(Line("process", NOW, record)).plain
    assert text.endswith("process INFO    done k timings=fetch:3 render:20")
