"""A checkout of its own, for who edits files: nobody else must see what is half-done."""

import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from localstack_init.build import PROJECT
from tests.speed import LIMIT

LEFT_OUT = (".git", ".venv", ".darkroom", "__pycache__", ".*_cache", "demo-output")
PROGRAM = [sys.executable, "-c", "from darkroom.cli import main; main()"]


class Checkout:
    """A copy of this checkout, with a work folder of its own; what is installed is shared."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        self.home = folder / "home"
        shutil.copytree(PROJECT, self.root, ignore=shutil.ignore_patterns(*LEFT_OUT))
        (self.root / ".darkroom").symlink_to(PROJECT / ".darkroom")
        self.home.mkdir()

    def environment(self) -> dict[str, str]:
        """What programs need in order to be this checkout's."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "PYTHONPATH": str(self.root),
            "DARKROOM_HOME": str(self.home),
            "COLUMNS": "200",
        }

    def run(self, *arguments: str, **environment: str) -> str:
        """Run a command of ours to its end; return what it said."""
        done = subprocess.run(
            [*PROGRAM, *arguments],
            cwd=self.root, env=self.environment() | environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout

    def save(self, name: str, content: str) -> None:
        """Save a file as careful editors do: beside it, and then in its place."""
        path = self.root / name
        beside = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
        beside.write_text(content)
        beside.replace(path)


class Session:
    """A command that runs until it is ended, with what it said so far."""

    def __init__(self, checkout: Checkout, *arguments: str, **environment: str) -> None:
        self._log = checkout.home / f"session-{uuid.uuid4().hex}.log"
        self._file: IO[bytes] = self._log.open("wb")
        self.process = subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=checkout.root, env=checkout.environment() | environment,
            stdin=subprocess.DEVNULL, stdout=self._file, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def said(self) -> str:
        """Return all that it said."""
        text = self._log.read_text()
        assert self.process.poll() in (None, 0), text
        return text

    def end(self) -> str:
        """End it as a person does who presses Ctrl-C; return what it said."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(LIMIT)
        self._file.close()
        return self._log.read_text()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end()
