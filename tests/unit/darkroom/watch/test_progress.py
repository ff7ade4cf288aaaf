"""The progress of a folder's files."""

import io

from rich.console import Console

from darkroom.watch.progress import ProgressTable


def test_a_file_is_one_line() -> None:
    """In a log, a file is one line, whatever its name and the note contain."""
    output = io.StringIO()
    ProgressTable(Console(file=output)).put("a\nb :smile:", "failed", "one\ntwo")
    assert output.getvalue() == "failed   a\\nb :smile:  one\\ntwo\n"
