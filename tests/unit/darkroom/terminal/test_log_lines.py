"""Log lines as people read them."""

import json

import pytest

from darkroom.operations.logs import Line
from darkroom.terminal.log_lines import log_line


def test_a_structured_line() -> None:
    """Level, message and key come first, then the other fields, without ids, empty fields and a
    first attempt: those are for --json.
    """
    record = {
        "level": "INFO", "message": "done", "timestamp": "2027-01-15T08:00:00.000+00:00",
        "key": "k", "timings": {"fetch": 3, "render": 20}, "correlation_id": "c", "attempt": 1,
        "details": {},
    }  # fmt: skip
    text = log_line(Line("process", 0, json.dumps(record))).plain
    assert text.endswith("process INFO    done k timings=fetch:3 render:20")


def test_an_exception() -> None:
    """It follows on lines of its own."""
    record = {
        "level": "ERROR", "message": "delivery failed", "location": "x", "timestamp": "t",
        "service": "process", "message_id": "m-1", "key": "a.jpg", "attempt": 2,
        "exception": "Traceback\nBoom",
    }  # fmt: skip
    text = log_line(Line("process", 0, json.dumps(record))).plain
    assert "process ERROR   delivery failed a.jpg attempt=2\nTraceback\nBoom" in text
    assert "location" not in text


@pytest.mark.parametrize("message", ["START RequestId: 1", "[1, 2]", '{"level": 1}', "null"])
def test_other_lines(message: str) -> None:
    """Lines of Lambda or of a library are printed unchanged."""
    assert log_line(Line("process", 0, message)).plain.endswith(message)


def test_a_key_with_a_line_break() -> None:
    """The key and other fields are printed on the line of the message."""
    text = '{"level": "INFO", "message": "done", "key": "a\\nb", "recipe": "c\\nd"}'
    assert log_line(Line("process", 0, text)).plain.endswith("done a\\nb recipe=c\\nd")


def test_control_characters() -> None:
    """They are escaped in every field, and in lines of Lambda."""
    record = {
        "level": "INFO", "message": "m\x1b", "key": "k\x9b", "list": ["\u202e"],
        "n\x1b": {"o\x1b": 1}, "exception": "Traceback\n\tBoom\x1b",
    }  # fmt: skip
    text = log_line(Line("process", 0, json.dumps(record))).plain
    assert 'INFO    m\\x1b k\\x9b list=["\\u202e"] n\\x1b=o\\x1b:1\nTraceback\n\tBoom\\x1b' in text
    assert log_line(Line("process", 0, "REPORT\tms\x1b[2J")).plain.endswith("REPORT\tms\\x1b[2J")
