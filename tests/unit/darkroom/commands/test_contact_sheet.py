"""`darkroom contact-sheet`."""

from pathlib import Path

import pytest

from darkroom.errors import CommandError
from tests.unit.darkroom.commands.running import run, written


def test_a_file_that_is_no_image(tmp_path: Path) -> None:
    """The error names the file, and no page is written."""
    bad = written(tmp_path / "bad.jpg", b"no image")
    with pytest.raises(CommandError, match=r"bad\.jpg: The file is not"):
        run("contact-sheet", bad, "--out", tmp_path / "sheet")
    assert not (tmp_path / "sheet").exists()
