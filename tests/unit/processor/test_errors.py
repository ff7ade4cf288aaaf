"""The texts of errors."""

import pytest

from processor.errors import sentence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The specified key does not exist", "The specified key does not exist."),
        ("It has ended.", "It has ended."),
        ("Slow down!\n", "Slow down!"),
        ("States.Timeout: ", "States.Timeout."),
    ],
)
def test_a_text_becomes_a_sentence(text: str, expected: str) -> None:
    """A text ends with one period, whatever its service has written."""
    assert sentence(text) == expected
