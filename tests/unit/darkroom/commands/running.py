"""Commands run in the test's own process, and the files that they get."""

from pathlib import Path

from typer.testing import CliRunner, Result

from darkroom.cli import app
from darkroom.errors import CommandError

TINY = {"name": "tiny", "resize": {"width": 20}, "output": {"format": "png"}}
ONE = {"renditions": [TINY], "analysis": False}
SEVERAL = {"a": ONE, "b": {"renditions": [{**TINY, "name": "other"}]}}


def run(*arguments: object) -> Result:
    """Run a command; raises the ``CommandError`` that ends it."""
    result = CliRunner().invoke(app, [str(each) for each in arguments])
    if isinstance(result.exception, CommandError):
        raise result.exception
    return result


def written(file: Path, content: bytes) -> Path:
    """Write a file, and create its folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file
