"""Names that somebody else has chosen, in lines of ours."""

import io

import pytest
from rich.console import Console

from darkroom.operations.logs import Line, shown
from darkroom.terminal.escape import on_one_line
from darkroom.watch.progress import Board


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Bild ä 写真\u3000\xa0.jpg", "Bild ä 写真\u3000\xa0.jpg"),
        ("a\nb\r\x1b[2J\u2028c.jpg", "a\\nb\\r\\x1b[2J\\u2028c.jpg"),
        ("a\udcff\u202eb", "a\\udcff\\u202eb"),
    ],
)
def test_names(name: str, expected: str) -> None:
    """What people write stays; what ends lines, moves the cursor or hides is shown."""
    assert on_one_line(name) == expected


def test_a_file_is_a_line() -> None:
    """`watch` says what has become of a file on one line, whatever its name and the reason."""
    output = io.StringIO()
    Board(Console(file=output)).put("a\nb :smile:", "failed", "one\ntwo")
    assert output.getvalue() == "failed   a\\nb :smile:  one\\ntwo\n"


def test_a_line_of_the_log_is_a_line() -> None:
    """`logs` prints the key and other fields on the line of the message."""
    text = '{"level": "INFO", "message": "done", "key": "a\\nb", "recipe": "c\\nd"}'
    assert shown(Line("process", 0, text)).plain.endswith("done a\\nb recipe=c\\nd")
