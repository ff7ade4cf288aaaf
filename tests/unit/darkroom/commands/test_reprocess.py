"""`darkroom reprocess`: its result in the terminal, and how to resume it."""

import shlex
import sys
from collections.abc import Callable, Iterator

import pytest
from typer.testing import CliRunner, Result

from darkroom.cli import app
from darkroom.cloud import Cloud
from darkroom.errors import CommandError
from darkroom.operations.reprocess import Backfill
from tests.unit.darkroom.operations.stubs import stubbed_cloud

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs the command."""
    monkeypatch.setattr(Cloud, "find", lambda _: stubbed_cloud())
    monkeypatch.setenv("COLUMNS", "160")
    return lambda *arguments: CliRunner().invoke(app, ["reprocess", *arguments])


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), 130), (CommandError("The queue is gone."), 1)]
)
def test_the_resume_command(
    error: BaseException, code: int, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an interrupt or an error, the command that continues is printed for a shell."""

    def stop(self: Backfill) -> Iterator[None]:
        self.sent, self.done_to = 10, "it's [bold] 9.jpg"
        yield
        raise error

    monkeypatch.setattr(Backfill, "run", stop)
    monkeypatch.setattr(sys, "argv", ["darkroom"])
    done = run("it's", "--failed", "--rate", "7", "--stack", "mine")
    assert done.exit_code == code
    assert "10 requests sent" in done.stderr
    assert shlex.split(done.stderr.splitlines()[-1]) == [
        "darkroom", "reprocess", "--failed", "--rate", "7", "--stack", "mine",
        "--start-after", "it's [bold] 9.jpg", "it's",
    ]  # fmt: skip


def test_nothing_to_reprocess(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is reported, and no error."""
    monkeypatch.setattr(Backfill, "run", lambda _: iter(()))
    done = run("nowhere/")
    assert done.exit_code == 0
    assert "None of 0 originals is selected." in done.stdout
