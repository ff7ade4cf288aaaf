"""`darkroom redrive`: return dead letters to the queue."""

from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from darkroom.cloud import Cloud
from darkroom.commands.options import INTERRUPTED, DryRunOption, StackOption
from darkroom.operations.dead_letters import browse_dead_letters
from darkroom.operations.redrive import (
    DeadLetterFilter,
    MoveTask,
    NoMoveTasksError,
    OneByOne,
    select,
)
from darkroom.terminal.console import console
from darkroom.terminal.dead_letters import dead_letter_table
from darkroom.terminal.units import counted

DEFAULT_RATE = 100


def redrive(
    *,
    key: Annotated[
        str | None,
        typer.Option("--key", help="Only originals that match this pattern: 'holiday/*.jpg'."),
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Only messages with this reason's code.")
    ] = None,
    message: Annotated[
        str | None, typer.Option("--id", help="Only this message: its id or a prefix.")
    ] = None,
    rate: Annotated[
        int | None, typer.Option("--rate", min=1, max=500, help="Messages a second, at most.")
    ] = None,
    dry_run: DryRunOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """Return the messages of the dead-letter queue to the queue."""
    cloud = Cloud.find(stack)
    selection = DeadLetterFilter(key, reason, message)
    if not cloud.queue_depths()["dead"]:
        console.print("The dead-letter queue is empty.")
        return
    if dry_run:
        with browse_dead_letters(cloud) as browser:
            found = list(select(cloud, browser, selection))
        if found:
            console.print(dead_letter_table(found))
        console.print(f"{counted(len(found), 'message')} would return to the queue.")
        return
    one_by_one = OneByOne(cloud, selection, rate or DEFAULT_RATE)
    if not selection.selects_all:
        move(one_by_one)
        return
    try:
        move(MoveTask(cloud, rate))
    except NoMoveTasksError:
        move(one_by_one)


def move(mover: OneByOne | MoveTask) -> None:
    """Move messages with a progress bar, and print the result; exits with 130 after Ctrl-C."""
    try:
        with Progress(
            TextColumn("moving"), BarColumn(bar_width=20), MofNCompleteColumn(), console=console
        ) as progress:
            task = progress.add_task("", total=None)
            mover.run(lambda moved, total: progress.update(task, completed=moved, total=total))
            progress.update(task, completed=mover.moved, total=mover.moved)
    except KeyboardInterrupt:
        console.print(
            f"Stopped: {counted(mover.moved, 'message')} returned to the queue, the others are "
            "still in the dead-letter queue."
        )
        raise typer.Exit(INTERRUPTED) from None
    if not mover.moved:
        console.print("No message in the dead-letter queue matches. `darkroom dead` lists them.")
        return
    console.print(f"{counted(mover.moved, 'message')} returned to the queue.")
    if isinstance(mover, MoveTask) and mover.is_looping:
        console.print(
            "Stopped, because some messages are dead again at once: `darkroom dead` shows why, and "
            "--key and --reason select the others."
        )
