"""Runs what a document shows of a console, and tells what it printed."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
BETWEEN = "\x1e"
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Step:
    """A command, and what the document shows that it prints."""

    command: str
    shown: str


def needs(*programs: str) -> None:
    """Skip the test where a program is missing; fail where that must not be (``CI=true``)."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        what = f"not installed: {', '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(what)
        pytest.skip(what)


def steps(document: str) -> Iterator[Step]:
    """The commands of a document's console blocks, in order: each as long as bash wants more."""
    for block in BLOCK.findall(document):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *rest = part.splitlines(keepends=True)
            while is_open(command):
                command += rest.pop(0)
            yield Step(command, "".join(rest))


def is_open(command: str) -> bool:
    """Whether the command goes on in the next line."""
    if command.endswith("\\\n"):
        return True
    checked = ["bash", "-n", "-c", command]
    done = subprocess.run(checked, capture_output=True, text=True, check=False)
    return "unexpected EOF" in done.stderr or "unexpected end of file" in done.stderr


def run(commands: list[str], folder: Path, place: Path = PROJECT, **environment: str) -> list[str]:
    """Run commands in one bash, in the project's folder; what each of them printed."""
    script = f"\nprintf '{BETWEEN}'\n".join(commands)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=place,
        env={**os.environ, "TMPDIR": str(folder), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout.split(BETWEEN)
