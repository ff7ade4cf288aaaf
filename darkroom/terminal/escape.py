"""Names as they can be printed: whoever chose them may have put anything into them."""

import unicodedata

ODD = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Kinds of characters that end a line, move the cursor, or can't be encoded."""


def on_one_line(text: str) -> str:
    """The text with what would break the line, or is not seen, as in Python's source."""
    return "".join(
        each.encode("unicode_escape", "surrogatepass").decode()
        if unicodedata.category(each) in ODD
        else each
        for each in text
    )
