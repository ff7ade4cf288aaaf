"""Names of other people, as a terminal prints them."""

import pytest
from rich.text import Text

from darkroom.terminal.escape import escape, escape_lines, on_lines, on_one_line


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Bild ä 写真\u3000\xa0.jpg", "Bild ä 写真\u3000\xa0.jpg"),
        ("a\nb\r\x1b[2J\u2028c.jpg", "a\\nb\\r\\x1b[2J\\u2028c.jpg"),
        ("a\udcff\u202eb\x9b", "a\\udcff\\u202eb\\x9b"),
    ],
)
def test_names(name: str, expected: str) -> None:
    """Visible characters are unchanged; control characters and invisible ones are escaped."""
    assert on_one_line(name) == expected
    assert Text.from_markup(escape(name)).plain == expected


def test_lines() -> None:
    """Line breaks and tabs of a message remain."""
    assert on_lines("a\n\tb\x1b") == "a\n\tb\\x1b"
    assert Text.from_markup(escape_lines("[a]\n\tb\x1b")).plain == "[a]\n\tb\\x1b"


@pytest.mark.parametrize("name", ["[bold]a[/]", "[/", "[/a", "[", "a[link=x", "\\[red]", "\\\\[b]"])
def test_names_are_no_markup(name: str) -> None:
    """A name neither begins a tag that other markup completes, nor takes part in one."""
    for end in ("", "]", "/]", "[/]"):
        text = Text.from_markup(f"[red]{escape(name)}{end}")
        assert text.plain == name + end.removesuffix("[/]")


@pytest.mark.parametrize("name", ["a\\", "a\\\\", "a\\\\\\"])
def test_a_backslash_at_the_end(name: str) -> None:
    """A tag after the name remains a tag."""
    assert Text.from_markup(f"{escape(name)}[bold]b").plain == f"{name}b"
