"""Dead letters: messages that nothing came of. See why, and send them back."""

import json
from itertools import chain, islice
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from darkroom.cloud import Cloud
from darkroom.commands.common import StackOption, UsageError, console
from darkroom.operations import reports
from darkroom.operations.dead_letters import dead_letters, explain
from darkroom.operations.redrive import (
    ByHand,
    MoveTask,
    NoMoveTasksError,
    Wanted,
    choose,
)
from darkroom.operations.reports import counted

INTERRUPTED = 130
"""What a shell says of a program that Ctrl-C ended."""

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]

app = typer.Typer()


@app.command()
def dead(
    *,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most messages.")] = 100,
    message: Annotated[
        str | None, typer.Option("--id", help="Show this message in full; its id, or its start.")
    ] = None,
    as_json: JsonOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """List the messages that nothing came of, and why; they stay where they are."""
    cloud = Cloud.find(stack)
    with dead_letters(cloud) as loan:
        if message:
            found = list(islice(choose(cloud, loan, Wanted(id=message)), 1))
        else:
            letters = chain.from_iterable(loan.batches())
            found = list(explain(cloud, islice(letters, limit)))
    if message and not found:
        raise UsageError(
            f"There is no message {message!r} in the dead-letter queue. `darkroom dead` lists it."
        )
    if as_json:
        print(json.dumps([reports.dead_as_data(each) for each in found], indent=2))  # noqa: T201
    elif message:
        console.print(reports.letter(found[0]))
    else:
        if found:
            console.print(reports.dead(found))
        else:
            console.print("The dead-letter queue is empty.")
        if len(found) == limit and (there := cloud.queue_depths()["dead"]) > limit:
            console.print(f"These are {limit} of about {there}: --limit shows more.")


@app.command()
def redrive(
    *,
    key: Annotated[
        str | None, typer.Option("--key", help="Only for originals like this: 'holiday/*.jpg'.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", help="Only with this code of a reason.")
    ] = None,
    message: Annotated[
        str | None, typer.Option("--id", help="Only this message; its id, or its start.")
    ] = None,
    rate: Annotated[
        int | None, typer.Option("--rate", min=1, max=500, help="Most messages a second.")
    ] = None,
    dry_run: DryRunOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """Send dead letters to the queue again."""
    cloud = Cloud.find(stack)
    wanted = Wanted(key, reason, message)
    if not cloud.queue_depths()["dead"]:
        console.print("The dead-letter queue is empty.")
        return
    if dry_run:
        with dead_letters(cloud) as loan:
            found = list(choose(cloud, loan, wanted))
        if found:
            console.print(reports.dead(found))
        console.print(f"{counted(len(found), 'message')} would go back to the queue.")
        return
    by_hand = ByHand(cloud, wanted, rate or 100)
    if not wanted.is_everything:
        _move(by_hand)
        return
    try:
        _move(MoveTask(cloud, rate))
    except NoMoveTasksError:
        _move(by_hand)


def _move(mover: ByHand | MoveTask) -> None:
    """Move messages under a bar; Ctrl-C stops it."""
    try:
        with Progress(
            TextColumn("moving"), BarColumn(bar_width=20), MofNCompleteColumn(), console=console
        ) as progress:
            task = progress.add_task("", total=None)
            mover.run(lambda moved, total: progress.update(task, completed=moved, total=total))
            progress.update(task, completed=mover.moved, total=mover.moved)
    except KeyboardInterrupt:
        console.print(
            f"Stopped: {counted(mover.moved, 'message')} went back to the queue, the others are "
            "still in the dead-letter queue."
        )
        raise typer.Exit(INTERRUPTED) from None
    if not mover.moved:
        console.print("No message in the dead-letter queue is like that. `darkroom dead` lists it.")
        return
    console.print(f"{counted(mover.moved, 'message')} went back to the queue.")
    if isinstance(mover, MoveTask) and mover.comes_back:
        console.print(
            "Stopped, because some are dead again as soon as they are moved: `darkroom dead` says "
            "why, and --key and --reason move the others."
        )
