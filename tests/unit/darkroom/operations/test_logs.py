"""The functions' logs, read as one."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from darkroom.errors import CommandError
from darkroom.operations.logs import Line, LogFilter, read_logs, seconds_of
from processor.telemetry.correlation import upload_id

NOW = 1_800_000_000_000
KEY = "uploads/abcdefghij234567/a.jpg"


class Logs:
    """A fake of CloudWatch Logs: groups of lines with their times; it ignores patterns."""

    class exceptions:  # noqa: N801 (boto3's name)
        """The exceptions of a client."""

        ResourceNotFoundException = KeyError

    def __init__(self, **groups: list[tuple[int, str]]) -> None:
        self.groups = groups
        self.requests: list[dict[str, Any]] = []

    def get_paginator(self, operation: str) -> "Logs":
        """Return a paginator of FilterLogEvents."""
        assert operation == "filter_log_events"
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        """Yield a page for each event."""
        self.requests.append(request)
        for number, (time, text) in enumerate(self.groups[request["logGroupName"].strip("/")]):
            event = {"eventId": f"{request['logGroupName']}{number}", "timestamp": time}
            yield {"events": [{**event, "message": f"{text}\n"}]}


def structured(message: str, milliseconds: int = 0, level: str = "INFO", **fields: Any) -> str:
    """Return a structured line, ``milliseconds`` after ``NOW``."""
    time = f"2027-01-15T08:00:{milliseconds / 1000:06.3f}+00:00"
    return json.dumps({"level": level, "message": message, "timestamp": time, **fields})


def read(logs: Logs, selection: LogFilter | None = None) -> list[Line]:
    """Return the selected lines of both functions."""
    return list(read_logs(logs, ["process", "api"], 60, selection or LogFilter()))  # type: ignore[arg-type]


def follow(logs: Logs, sleep: Callable[[float], None]) -> Iterator[Line]:
    """Yield the lines of both functions, and those to come."""
    groups = ["process", "api"]
    return read_logs(logs, groups, 60, LogFilter(), follow=True, sleep=sleep)  # type: ignore[arg-type]


def test_lines_of_both_functions_in_order() -> None:
    """The order is that of the lines' own timestamps: LocalStack's event times are wrong."""
    end = NOW + 400
    logs = Logs(
        process=[
            (end, "START RequestId: 1"),
            (end, structured("begun", 100)),
            (end, structured("done", 300)),
            (end, "END RequestId: 1"),
        ],
        api=[(NOW + 250, "START RequestId: 2"), (NOW + 250, structured("request", 200))],
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
    ("selection", "expected"),
    [
        (LogFilter(), ["START", "a", "b", "c", "e"]),
        (LogFilter(level="WARNING"), ["b", "c"]),
        (LogFilter(level="ERROR"), ["c"]),
        (LogFilter(image="k"), ["a", "c"]),
        (LogFilter(image="k", level="ERROR"), ["c"]),
        (LogFilter(image=KEY), ["e"]),
        (LogFilter(metrics=True), ["START", "a", "b", "c", "metrics", "e"]),
    ],
)
def test_filters(selection: LogFilter, expected: list[str]) -> None:
    """By image, by level, or both; metrics and Lambda's own lines only without either."""
    lines = [
        "START",
        structured("a", 1, key="k"),
        structured("b", 2, "WARNING", key="other"),
        structured("c", 3, "ERROR", key="k"),
        '{"_aws": {}, "message": "metrics", "level": ""}',
        structured("e", 4, correlation_id=upload_id(KEY)),
    ]
    logs = Logs(process=[(NOW + number, text) for number, text in enumerate(lines)], api=[])
    found = read(logs, selection)
    assert [line.record.get("message", line.text) for line in found] == expected


@pytest.mark.parametrize(
    ("key", "pattern"),
    [("a/b-1.jpg", '"a/b-1.jpg"'), ('a"b', None), ("é.jpg", None), ("a b", None)],
)
def test_the_filter_pattern(key: str, pattern: str | None) -> None:
    """A term, if neither patterns nor JSON would escape a character of the key."""
    logs = Logs(process=[], api=[])
    read(logs, LogFilter(image=key))
    assert [each.get("filterPattern") for each in logs.requests] == [pattern] * 2


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
    """Lambda's own lines on them are selected as errors."""
    logs = Logs(process=[(NOW, text)], api=[])
    assert bool(read(logs, LogFilter(level="ERROR"))) == is_error


def test_following_yields_each_line_once() -> None:
    """A late line is yielded when it arrives; no line is yielded again."""
    logs = Logs(process=[(NOW, structured("first"))], api=[])
    rounds: list[float] = []

    def wait(seconds: float) -> None:
        rounds.append(seconds)
        logs.groups["api"].append((NOW, structured("late")))

    lines = follow(logs, wait)
    assert [next(lines).record["message"], next(lines).record["message"]] == ["first", "late"]
    assert len(rounds) == 1


def test_following_survives_the_replacement_of_the_stack() -> None:
    """A group that is deleted has no lines until it exists again; one that never existed is an
    error.
    """
    logs = Logs(process=[(NOW, structured("first"))], api=[])
    states = iter([{}, {"process": [(NOW, ""), (NOW, structured("again"))], "api": []}])

    def wait(_: float) -> None:
        logs.groups = next(states)

    lines = follow(logs, wait)
    assert [next(lines).record["message"], next(lines).record["message"]] == ["first", "again"]
    with pytest.raises(KeyError):
        next(follow(Logs(), wait))


@pytest.mark.parametrize(
    ("span", "seconds"), [("90s", 90), ("10m", 600), ("1.5h", 5400), ("2d", 172_800)]
)
def test_durations(span: str, seconds: float) -> None:
    """A duration is a number and a unit."""
    assert seconds_of(span) == seconds


@pytest.mark.parametrize("span", ["", "10", "m", "-1m", "1w", "1 m"])
def test_invalid_durations(span: str) -> None:
    """The error shows valid ones."""
    with pytest.raises(CommandError, match="such as 90s, 10m, 2h or 1d"):
        seconds_of(span)


@pytest.mark.parametrize("span", ["99999999999d", "3654d", "1e9d", f"{'9' * 400}s"])
def test_durations_beyond_all_logs(span: str) -> None:
    """The error has the longest duration, or shows valid ones."""
    with pytest.raises(CommandError, match=r"Use (at most 3653d|a value such as 90s)"):
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
def test_unstructured_lines_as_json(text: str, expected: dict[str, str]) -> None:
    """The text is the message of an object with the fields of structured lines."""
    line = Line("process", NOW, text).as_json()
    assert "\n" not in line
    assert json.loads(line) == {**expected, "timestamp": "2027-01-15T08:00:00.000+00:00"}


def test_structured_lines_as_json() -> None:
    """Structured lines and metrics are unchanged, on one line."""
    for text in (structured("begun", key="a :smile: b"), '{"_aws": {}, "ImagesDone": 1}'):
        assert Line("process", NOW, text).as_json() == text
    assert Line("process", NOW, '{"a":\n 1}').as_json() == '{"a": 1}'


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": 1e999}', '{"a": -Infinity}', "{\"a\": 'b'}"])
def test_what_only_python_reads_is_a_message(text: str) -> None:
    """Every line is JSON for any parser, in ASCII."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    record = json.loads(Line("process", NOW, text).as_json(), parse_constant=refuse)
    assert record["message"] == text
    line = Line("process", NOW, '{"key": "é\x9b\u2028"}').as_json()
    assert line == r'{"key": "\u00e9\u009b\u2028"}'
