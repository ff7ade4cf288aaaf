"""Names and messages that other people chose, as texts that a terminal prints and does not obey."""

import re
import unicodedata

ESCAPED = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories of characters that end a line, move the cursor, reorder text, or cannot be
encoded."""


def on_one_line(text: str, keep: str = "") -> str:
    """Return the text with control and invisible characters escaped as in Python's source.

    The characters of ``keep`` are unchanged.
    """
    return "".join(
        each.encode("unicode_escape", "surrogatepass").decode()
        if unicodedata.category(each) in ESCAPED and each not in keep
        else each
        for each in text
    )


def on_lines(text: str) -> str:
    """Return the text escaped in the same way, with its line breaks and tabs."""
    return on_one_line(text, "\n\t")


def escape(text: str) -> str:
    """Return rich markup that prints the text on one line, wherever it stands in other markup."""
    return _literal(on_one_line(text))


def escape_lines(text: str) -> str:
    """Return rich markup that prints the text with its line breaks and tabs."""
    return _literal(on_lines(text))


def _literal(text: str) -> str:
    # Rich's own function leaves a bracket whose counterpart may follow in other markup.
    return re.sub(r"(\\*)(?:(\[)(?=[a-z#/@]|$)|$)", _doubled, text)


def _doubled(found: re.Match[str]) -> str:
    """Return the backslashes twice, and one more before a bracket."""
    return found[1] * 2 + ("\\[" if found[2] else "")
