"""Escapes for names that other people chose, which may contain control characters."""

import unicodedata

ESCAPED = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories of characters that end a line, move the cursor, or cannot be encoded."""


def on_one_line(text: str) -> str:
    """Return the text with control and invisible characters escaped as in Python's source."""
    return "".join(
        each.encode("unicode_escape", "surrogatepass").decode()
        if unicodedata.category(each) in ESCAPED
        else each
        for each in text
    )
