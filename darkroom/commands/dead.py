"""`darkroom dead`: list the messages in the dead-letter queue, each with its reason."""

import json
from itertools import chain, islice
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import JsonOption, StackOption
from darkroom.errors import CommandError
from darkroom.operations.dead_letters import browse_dead_letters, explain
from darkroom.operations.redrive import DeadLetterFilter, select
from darkroom.terminal.console import console
from darkroom.terminal.dead_letters import (
    dead_letter_details,
    dead_letter_json,
    dead_letter_table,
)


def dead(
    *,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="Maximum number of messages.")
    ] = 100,
    message: Annotated[
        str | None,
        typer.Option("--id", help="Print one message in full. Its ID, or the start of its ID."),
    ] = None,
    as_json: JsonOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """List the messages in the dead-letter queue with their reasons.

    The messages remain in the queue.
    """
    cloud = Cloud.find(stack)
    with browse_dead_letters(cloud) as browser:
        if message:
            found = list(islice(select(cloud, browser, DeadLetterFilter(id=message)), 1))
        else:
            messages = chain.from_iterable(browser.batches())
            found = list(explain(cloud, islice(messages, limit)))
    if message and not found:
        raise CommandError(
            f"There is no message {message!r} in the dead-letter queue. `darkroom dead` lists them."
        )
    if as_json:
        typer.echo(json.dumps([dead_letter_json(each) for each in found], indent=2))
    elif message:
        console.print(dead_letter_details(found[0]))
    else:
        if found:
            console.print(dead_letter_table(found))
        else:
            console.print("The dead-letter queue is empty.")
        if len(found) == limit and (total := cloud.queue_depths()["dead"]) > limit:
            console.print(f"Listed {limit} of about {total}. To list more, set --limit.")
