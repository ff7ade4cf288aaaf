"""Names of other people on one line."""

import pytest

from darkroom.terminal.escape import on_one_line


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Bild ä 写真\u3000\xa0.jpg", "Bild ä 写真\u3000\xa0.jpg"),
        ("a\nb\r\x1b[2J\u2028c.jpg", "a\\nb\\r\\x1b[2J\\u2028c.jpg"),
        ("a\udcff\u202eb", "a\\udcff\\u202eb"),
    ],
)
def test_names(name: str, expected: str) -> None:
    """Visible characters are unchanged; control characters and invisible ones are escaped."""
    assert on_one_line(name) == expected
