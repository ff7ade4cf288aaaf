"""`darkroom redrive`: its result in the terminal, and its exit codes."""

from collections.abc import Callable
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from darkroom.cli import app
from darkroom.cloud import Cloud
from darkroom.commands import redrive
from darkroom.operations.redrive import DeadLetterFilter, MoveTask, NoMoveTasksError, OneByOne
from tests.unit.darkroom.operations.stubs import stubbed_cloud

Report = Callable[[int, int | None], None]


class Mover(MoveTask):
    """A move task that reports a number of messages, and ends."""

    def __init__(
        self, count: int, then: BaseException | None = None, *, is_looping: bool = False
    ) -> None:
        super().__init__(stubbed_cloud(), None)
        self.count, self.then, self.loops = count, then, is_looping

    def run(self, report: Report) -> None:
        """Report the messages, and raise what the test sets."""
        self.moved, self.is_looping = self.count, self.loops
        report(self.count, 5)
        if self.then:
            raise self.then


class OneByOneMover(OneByOne):
    """Moves one message."""

    def __init__(self, *_: Any) -> None:
        super().__init__(stubbed_cloud(), DeadLetterFilter(), 1)

    def run(self, report: Report) -> None:
        """Report one message."""
        self.moved = 1
        report(1, 5)


@pytest.fixture
def depths(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Return the depths of the queues that the commands see: five dead letters."""
    depths = {"waiting": 0, "in flight": 0, "dead": 5}
    monkeypatch.setattr(Cloud, "find", lambda _: stubbed_cloud())
    monkeypatch.setattr(Cloud, "queue_depths", lambda _: depths)
    return depths


def test_an_empty_dead_letter_queue(depths: dict[str, int]) -> None:
    """It is reported, and no error."""
    depths["dead"] = 0
    done = CliRunner().invoke(app, ["redrive"])
    assert done.exit_code == 0
    assert done.stdout == "The dead-letter queue is empty.\n"


@pytest.mark.usefixtures("depths")
def test_a_service_without_move_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """All messages are moved one by one instead."""
    monkeypatch.setattr(redrive, "MoveTask", lambda *_: Mover(0, NoMoveTasksError()))
    monkeypatch.setattr(redrive, "OneByOne", OneByOneMover)
    assert "1 message moved" in CliRunner().invoke(app, ["redrive"]).stdout


def test_the_number_of_moved_messages(capsys: pytest.CaptureFixture[str]) -> None:
    """It is printed at the end."""
    redrive.move(Mover(5))
    assert "5 messages moved to the queue." in capsys.readouterr().out


def test_ctrl_c(capsys: pytest.CaptureFixture[str]) -> None:
    """The number of moved messages is printed, and the exit code is that of an interrupt."""
    with pytest.raises(typer.Exit) as ended:
        redrive.move(Mover(2, KeyboardInterrupt()))
    assert ended.value.exit_code == 130
    assert "Stopped. 2 messages moved" in capsys.readouterr().out


def test_a_loop(capsys: pytest.CaptureFixture[str]) -> None:
    """The output says what to do about messages that are dead again."""
    redrive.move(Mover(21, is_looping=True))
    assert "failed again" in capsys.readouterr().out
