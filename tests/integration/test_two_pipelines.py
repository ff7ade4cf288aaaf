"""docs/tutorial/two-pipelines.md, walked as it is written, in a checkout of its own."""

import os
import re
import shlex
import sys
from pathlib import Path

import pytest

from localstack_init.build import PROJECT
from tests.checkout import Checkout

from .console import Step, needs, run, steps
from .localstack import LocalStack

PAGE = PROJECT / "docs" / "tutorial" / "two-pipelines.md"
EMULATOR = PROJECT / ".darkroom" / "env" / "emulator" / "bin"

NUMBER = r"[0-9][0-9.,:-]*[0-9]|[0-9]"


def plain(text: str) -> str:
    """Return a text with single spaces, and without the bars of progress."""
    return " ".join(text.replace("━", " ").split())


def pattern(shown: str) -> re.Pattern[str]:
    """Return what a printed output has to match: numbers, hashes and gaps (…) may differ.

    A status of HTTP may not.
    """
    if re.match(r"[1-5][0-9]{2}(?![^\n ])", shown):
        return re.compile(re.escape(plain(shown)))
    parts = re.split(rf"( ?… ?|[0-9A-Fa-f]{{16,}}|{NUMBER})", plain(shown))
    texts = [
        re.escape(part) if index % 2 == 0 else ".*" if "…" in part else r"[\w.,:-]+"
        for index, part in enumerate(parts)
    ]
    return re.compile("".join(texts), re.DOTALL)


@pytest.mark.nightly
def test_the_tutorial(tmp_path: Path, endpoint: str, own_localstack: LocalStack | None) -> None:
    """Each command prints what the page shows, and the recipe is that of the page."""
    if own_localstack is None:
        pytest.skip("its bucket names may be taken")
    needs("curl", "jq")
    text = PAGE.read_text()
    checkout = Checkout(tmp_path)
    (recipe,) = re.findall(r"```json\n(.+?)```", text, re.DOTALL)
    recipes = checkout.root / "processor" / "recipes.json"
    recipes.write_text(recipes.read_text().replace("{\n", f"{{\n{recipe}", 1))
    programs = tmp_path / "bin"
    programs.mkdir()
    command = shlex.join([sys.executable, "-c", "from darkroom.cli import main; main()"])
    (programs / "darkroom").write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    (programs / "darkroom").chmod(0o755)
    port = endpoint.rpartition(":")[2]
    # The first block starts an emulator.
    page = [
        Step(step.command.replace("localhost:4566", f"localhost:{port}"), step.shown)
        for step in steps(text)
        if not step.command.startswith(("make up", "source ", "export PATH="))
    ]
    assert len(page) > 30
    printed = run(
        [step.command for step in page],
        tmp_path,
        checkout.root,
        **{
            **checkout.environment(),
            **{name: value for name, value in os.environ.items() if name.startswith("AWS_")},
            "PATH": os.pathsep.join([str(programs), str(EMULATOR), os.environ["PATH"]]),
        },
    )
    wrong = [
        f"$ {step.command}{output}\n--- the page:\n{step.shown}"
        for step, output in zip(page, printed, strict=True)
        if not pattern(step.shown).fullmatch(plain(output))
    ]
    assert not wrong, "\n\n".join(wrong)
