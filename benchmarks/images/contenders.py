"""The programs that are compared: worker processes that run jobs."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from inputs import FOLDER
from workloads import Recipe

WORKERS = Path(__file__).parent / "workers"
NODE_MODULES = FOLDER.parent / "node" / "node_modules"
PYTHON = sys.executable
COMMANDS = {
    "darkroom": (PYTHON, str(WORKERS / "engine.py")),
    "sharp": ("node", str(WORKERS / "sharp.js")),
    "libvips": (PYTHON, str(WORKERS / "libvips.py")),
    "pillow": (PYTHON, str(WORKERS / "pillow.py")),
}
OURS, PEERS = "darkroom", ["sharp", "libvips", "pillow"]


def add_checkout(checkout: Path) -> None:
    """Add the engine of an installed checkout as the peer ``before``."""
    worker = checkout / "benchmarks" / "images" / "workers" / "engine.py"
    COMMANDS["before"] = (str(checkout / ".venv" / "bin" / "python"), str(worker))
    PEERS.append("before")


class UnavailableError(Exception):
    """A contender cannot run a job; its message says why."""


@dataclass(frozen=True, slots=True)
class Run:
    """The times of one job in milliseconds, and the size of each output in bytes."""

    cpu: float
    wall: float
    files: dict[str, int]


@dataclass
class Contender:
    """A worker process, as a context manager."""

    name: str
    versions: dict[str, str] = field(default_factory=dict)
    """Versions of its libraries."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            (*COMMANDS[self.name], str(FOLDER)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"VIPS_CONCURRENCY": "1", "NODE_PATH": str(NODE_MODULES)},
        )
        self.versions = self._answer()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.__exit__(kind, error, traceback)

    def run(self, path: Path, recipe: Recipe, into: Path | None = None) -> Run:
        """Run a job, and write its outputs to the folder ``into`` if given.

        Raises ``UnavailableError``.
        """
        job = {"input": str(path), "recipe": recipe, "into": str(into) if into else None}
        assert self._process.stdin  # noqa: S101  # a pipe
        print(json.dumps(job), file=self._process.stdin, flush=True)
        answer = self._answer()
        if "error" in answer:
            raise UnavailableError(answer["error"])
        return Run(**answer)

    def memory(self, entry: str) -> float:
        """Return the resident memory in MB of 1024 x 1024: ``VmRSS``, current, or ``VmHWM``, peak.

        Unlike getrusage's, this peak starts when the program is executed: it excludes the process
        that started the worker.
        """
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(f"{entry}:"))
        return int(line.split()[1]) / 1024

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout  # noqa: S101  # a pipe
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"The worker of {self.name} ended with code {self._process.wait()}.")
        answer: dict[str, Any] = json.loads(line)
        return answer
