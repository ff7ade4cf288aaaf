"""`darkroom events`: list events that were given up, and send them again."""

import json
from enum import StrEnum
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import JsonOption, StackOption
from darkroom.operations.dead_events import browse_dead_events, dead_events, replay
from darkroom.terminal.console import console
from darkroom.terminal.escape import escape
from darkroom.terminal.units import counted


class Action(StrEnum):
    """What to do."""

    LIST = "list"
    REPLAY = "replay"


def events(
    action: Annotated[
        Action,
        typer.Argument(
            metavar="ACTION",
            help="`list` lists them with their reasons; `replay` sends them again.",
        ),
    ],
    *,
    as_json: JsonOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """List events that were given up, or send them again.

    `event` is one that `NotifyQueue` or `NotifyTopic` refused: `replay` publishes it to all
    subscribers. `variant` is S3's notification of a variant, for which the function failed.
    `records` are a position in the catalog's stream, and are not sent again: the catalog has the
    outcomes. Failed webhooks have a command of their own, `darkroom webhooks`.
    """
    cloud = Cloud.find(stack)
    if action == Action.REPLAY:
        sent, count = replay(cloud)
        console.print(f"{sent} of {counted(count, 'message')} will be sent again.")
        return
    with browse_dead_events(cloud) as browser:
        found = list(dead_events(cloud, browser))
    if as_json:
        fields = ("time", "kind", "key", "reason")
        rows = [{name: getattr(each, name) for name in fields} for each in found]
        typer.echo(json.dumps(rows, indent=2))
        return
    for each in found:
        console.print(
            f"{each.time}  {each.kind:7}  {escape(each.key)}  {escape(each.reason)}",
            soft_wrap=True,
        )
    if not found:
        console.print("No events were given up.")
