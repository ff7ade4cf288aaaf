"""What the operator's commands say when there is nothing to do, or somebody stops them."""

import shlex
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from darkroom.cli import app
from darkroom.cloud import Cloud
from darkroom.operations.redrive import (
    ByHand,
    MoveTask,
    NoMoveTasksError,
)
from darkroom.operations.reprocess import Backfill
from darkroom.operations.sqs_sender import SendError
from tests.unit.darkroom.operations.stubs import stubbed_cloud

Run = Callable[..., Result]


@pytest.fixture
def dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have five dead letters in a cloud that nobody asks more."""
    depths = {"waiting": 0, "in flight": 0, "dead": 5}
    monkeypatch.setattr(Cloud, "queue_depths", lambda _: depths)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a way to run a command."""
    monkeypatch.setattr(Cloud, "find", lambda _: stubbed_cloud())
    monkeypatch.setenv("COLUMNS", "160")
    return lambda *arguments: CliRunner().invoke(app, arguments)


def moving(
    count: int, then: BaseException | None = None, **state: Any
) -> Callable[[Any, Callable[[int, int], None]], None]:
    """What a mover does: report so many, and end."""

    def move(self: Any, report: Callable[[int, int], None]) -> None:
        self.moved = count
        for name, value in state.items():
            setattr(self, name, value)
        report(count, 5)
        if then:
            raise then

    return move


def test_an_empty_dead_letter_queue(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and is no error."""
    monkeypatch.setattr(Cloud, "queue_depths", lambda _: {"dead": 0})
    done = run("redrive")
    assert done.exit_code == 0
    assert done.stdout == "The dead-letter queue is empty.\n"


@pytest.mark.usefixtures("dead")
def test_without_a_filter_the_service_moves(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """All messages are left to SQS."""
    monkeypatch.setattr(MoveTask, "run", moving(5))
    assert "5 messages went back" in run("redrive").stdout


@pytest.mark.usefixtures("dead")
def test_where_the_service_cannot_move(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """All messages are moved one by one instead."""
    monkeypatch.setattr(MoveTask, "run", moving(0, NoMoveTasksError()))
    monkeypatch.setattr(ByHand, "run", moving(1))
    assert "1 message went back" in run("redrive").stdout


@pytest.mark.usefixtures("dead")
@pytest.mark.parametrize("options", [[], ["--key", "*"]])
def test_ctrl_c_while_messages_move(
    options: list[str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said how many were moved, and the exit code is that of an interrupt."""
    for mover in (MoveTask, ByHand):
        monkeypatch.setattr(mover, "run", moving(2, KeyboardInterrupt()))
    done = run("redrive", *options)
    assert done.exit_code == 130
    assert "Stopped: 2 messages went back" in done.stdout


@pytest.mark.usefixtures("dead")
def test_messages_that_come_back(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to do about them is said."""
    monkeypatch.setattr(MoveTask, "run", moving(21, comes_back=True))
    assert "dead again as soon as they are moved" in run("redrive").stdout


@pytest.mark.parametrize(
    ("stopped_by", "code"), [(KeyboardInterrupt(), 130), (SendError("The queue is gone."), 1)]
)
def test_how_to_resume(
    stopped_by: BaseException, code: int, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stops it, the command that carries on is printed, ready for a shell."""

    def stop(self: Backfill) -> Iterator[None]:
        self.sent, self.done_to = 10, "it's [bold] 9.jpg"
        yield
        raise stopped_by

    monkeypatch.setattr(Backfill, "run", stop)
    monkeypatch.setattr(sys, "argv", ["darkroom"])
    done = run("reprocess", "it's", "--failed", "--rate", "7", "--stack", "mine")
    assert done.exit_code == code
    assert "10 requests went to the queue" in done.stderr
    assert shlex.split(done.stderr.splitlines()[-1]) == [
        "darkroom", "reprocess", "--failed", "--rate", "7", "--stack", "mine",
        "--start-after", "it's [bold] 9.jpg", "it's",
    ]  # fmt: skip


def test_nothing_to_reprocess(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, and is no error."""
    monkeypatch.setattr(Backfill, "run", lambda _: iter(()))
    done = run("reprocess", "nowhere/")
    assert done.exit_code == 0
    assert "None of 0 originals is to be processed again." in done.stdout
