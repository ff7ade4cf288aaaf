"""`darkroom webhooks`: list and replay failed webhooks, verify a request, show the secret."""

import json
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import JsonOption, StackOption, check_files
from darkroom.errors import CommandError
from darkroom.operations.webhooks import failed_events, replay, secret_of
from darkroom.terminal.console import console
from darkroom.terminal.escape import escape
from darkroom.terminal.units import counted
from processor.webhooks.signature import TOLERANCE_SECONDS, is_valid

SIGNED = ("BODY", "--id", "--timestamp", "--signature")
"""What a signature is checked of."""

Signed = tuple[Path, str, int, str]


class Action(StrEnum):
    """What to do."""

    LIST = "list"
    REPLAY = "replay"
    VERIFY = "verify"
    SECRET = "secret"  # noqa: S105 (no secret)


def webhooks(
    action: Annotated[
        Action,
        typer.Argument(
            metavar="ACTION",
            help="`list` lists events that the URL did not accept; `replay` sends them again; "
            "`verify` checks the signature of a request; `secret` prints the secret.",
        ),
    ],
    body: Annotated[
        Path | None,
        typer.Argument(metavar="BODY", help="With `verify`: a file with the request's body."),
    ] = None,
    *,
    event: Annotated[
        str | None, typer.Option("--id", help="The header webhook-id; with `replay`: one event.")
    ] = None,
    timestamp: Annotated[
        int | None, typer.Option("--timestamp", help="The header webhook-timestamp.")
    ] = None,
    signature: Annotated[
        str | None, typer.Option("--signature", help="The header webhook-signature.")
    ] = None,
    as_json: JsonOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """List and replay webhooks that failed, verify a request, or show the secret.

    `list` leaves the events in their dead-letter queue. `verify` exits with 1 if the signature is
    wrong or too old.
    """
    signed = (body, event, timestamp, signature)
    given = [name for name, value in zip(SIGNED, signed, strict=True) if value is not None]
    allowed = {Action.VERIFY: SIGNED, Action.REPLAY: ("--id",)}.get(action, ())
    if wrong := [name for name in given if name not in allowed]:
        raise typer.BadParameter(f"{wrong[0]} can't be combined with {action}.")
    if body is not None:
        check_files([body])
    if action == Action.VERIFY and len(given) < len(allowed):
        raise typer.BadParameter("verify needs BODY, --id, --timestamp and --signature.")
    cloud = Cloud.find(stack)
    if "WebhookSecret" not in cloud.outputs:
        raise CommandError(
            "The stack sends no webhooks. To name a receiver, run "
            "`darkroom deploy --param WebhookUrl=https://…`."
        )
    match action:
        case Action.LIST:
            _list(cloud, as_json=as_json)
        case Action.REPLAY:
            _replay(cloud, event)
        case Action.SECRET:
            typer.echo(secret_of(cloud))
        case Action.VERIFY:
            _verify(secret_of(cloud), cast("Signed", signed))


def _list(cloud: Cloud, *, as_json: bool) -> None:
    details = [each.detail for each in failed_events(cloud)]
    if as_json:
        typer.echo(json.dumps(details, indent=2))
        return
    for each in details:
        key = escape(each["key"])
        console.print(f"{each['id']}  {each['time']}  {each['status']:8}  {key}")
    if not details:
        console.print("The URL has accepted all events, or they are still being sent.")


def _replay(cloud: Cloud, event: str | None) -> None:
    count = replay(cloud, event)
    if event is not None and not count:
        raise CommandError(
            f"No failed event has the ID {event!r}. `darkroom webhooks list` lists them."
        )
    console.print(f"{counted(count, 'event')} will be sent again.")


def _verify(secret: str, signed: Signed) -> None:
    body, event, timestamp, signature = signed
    if not is_valid(secret, event, timestamp, body.read_bytes(), signature):
        raise CommandError(
            "The signature is wrong: the body, the ID or the timestamp differs, or the secret is "
            "another one."
        )
    age = time.time() - timestamp
    if abs(age) > TOLERANCE_SECONDS:
        raise CommandError(
            f"The signature is right, but {age:.0f} s old. A receiver refuses it after "
            f"{TOLERANCE_SECONDS} s."
        )
    console.print("The signature is right.")
