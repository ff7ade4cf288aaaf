"""`darkroom upload`."""

from pathlib import Path

import pytest

from darkroom.errors import CommandError
from tests.unit.darkroom.commands.running import run


def test_an_unknown_recipe(photo: Path) -> None:
    """A name that the pipeline does not know is rejected before anything is uploaded."""
    with pytest.raises(CommandError, match="The recipes are avatar, default"):
        run("upload", photo, "--recipe", "avatars")
