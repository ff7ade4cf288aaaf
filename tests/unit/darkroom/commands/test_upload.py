"""`darkroom upload`."""

import io
import unicodedata
from pathlib import Path

import pytest
from rich.console import Console

from darkroom.errors import CommandError
from darkroom.operations.uploads import plan_uploads
from darkroom.terminal import uploads
from tests.unit.darkroom.commands.running import run, written


def test_an_unknown_recipe(photo: Path) -> None:
    """A name that the pipeline does not know is rejected before anything is uploaded."""
    with pytest.raises(CommandError, match="The recipes are avatar, default"):
        run("upload", photo, "--recipe", "avatars")


def test_a_folder_without_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each skipped file is printed on one line with the reason, and nothing is uploaded."""
    printed = io.StringIO()
    monkeypatch.setattr(uploads, "error_console", Console(file=printed))
    written(tmp_path / "notes\x1b[2J.txt", b"text")
    with pytest.raises(CommandError, match="has no images"):
        run("upload", tmp_path)
    assert "notes\\x1b[2J.txt: The file is not" in printed.getvalue()


def test_keys_are_in_nfc(photo: Path) -> None:
    """A name in another Unicode form gives the same key; two such files are rejected."""
    files = [photo.with_name(unicodedata.normalize(form, "é.png")) for form in ("NFC", "NFD")]
    for file in files:
        assert [each.key for each in plan_uploads([(file, file.name)], "p/")] == ["p/é.png"]
    with pytest.raises(CommandError, match="Two files would have the same key"):
        plan_uploads([(file, file.name) for file in files], "p/")
