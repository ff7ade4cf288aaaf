"""`darkroom redrive`: move messages from the dead-letter queue back to the queue."""

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
        typer.Option("--key", help="Only originals that match a pattern, such as 'holiday/*.jpg'."),
    ] = None,
    reason: Annotated[
        str | None,
        typer.Option("--reason", help="Only messages with this code; `darkroom dead` lists it."),
    ] = None,
    message: Annotated[
        str | None, typer.Option("--id", help="Only this message. Its ID, or the start of its ID.")
    ] = None,
    rate: Annotated[
        int | None,
        typer.Option("--rate", min=1, max=500, help="Maximum number of messages per second."),
    ] = None,
    dry_run: DryRunOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """Move messages from the dead-letter queue back to the queue.

    Without --key, --reason and --id, the command moves all messages. Exits with 130 after Ctrl-C.
    """
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
        console.print(f"{counted(len(found), 'message')} would be moved to the queue.")
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
            f"Stopped. {counted(mover.moved, 'message')} moved to the queue. The others are still "
            "in the dead-letter queue."
        )
        raise typer.Exit(INTERRUPTED) from None
    if not mover.moved:
        console.print("No message in the dead-letter queue matches. `darkroom dead` lists them.")
        return
    console.print(f"{counted(mover.moved, 'message')} moved to the queue.")
    if isinstance(mover, MoveTask) and mover.is_looping:
        console.print(
            "Stopped: some messages failed again and are back in the dead-letter queue. `darkroom "
            "dead` lists the reasons. To move other messages, use --key or --reason."
        )
