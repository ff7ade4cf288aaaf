"""`darkroom set`: edit the metadata of an image."""

import time
from typing import Annotated, Any

import msgspec
import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import KeyArgument, StackOption, TimeoutOption
from darkroom.errors import CommandError
from darkroom.operations.sqs_sender import send
from darkroom.terminal.console import console
from darkroom.terminal.entries import entry_details
from darkroom.terminal.escape import escape
from processor.catalog.entries import Entry
from processor.catalog.metadata import (
    Edit,
    OriginalDeletedError,
    TooManyFieldsError,
    is_out_of_focus,
    save,
)
from processor.images.recipe.explain import explain
from processor.sqs.refocus import refocused
from processor.sqs.reprocess import message_of

POLL_SECONDS = 0.2


def set(  # noqa: A001 (the command's word)
    key: KeyArgument,
    *,
    alt: Annotated[
        str | None, typer.Option("--alt", help="Alternative text. Empty: a decorative image.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="Title.")] = None,
    tags: Annotated[
        list[str] | None,
        typer.Option(
            "--tag", metavar="TAG", help="A tag. Repeatable: the tags replace all others."
        ),
    ] = None,
    focal_point: Annotated[
        str | None,
        typer.Option(
            "--focal-point",
            metavar="X,Y",
            help="The point that crops keep: fractions of width and height from the top left.",
        ),
    ] = None,
    fields: Annotated[
        list[str] | None,
        typer.Option(
            "--field",
            metavar="NAME=VALUE",
            help="A free field. Repeatable; without a value the field is removed.",
        ),
    ] = None,
    clear: Annotated[
        list[str] | None,
        typer.Option(
            "--clear",
            metavar="FIELD",
            help="Remove alt, title, tags, focal_point or fields. Repeatable.",
        ),
    ] = None,
    timeout: TimeoutOption = 60,
    stack: StackOption = "darkroom",
) -> None:
    """Edit the metadata of an image.

    What is not named stays. With a new focal point the command waits until the renditions that crop
    are rendered again.
    """
    named: dict[str, Any] = {
        **({"alt": alt} if alt is not None else {}),
        **({"title": title} if title is not None else {}),
        **({"tags": tags} if tags else {}),
        **({"focal_point": _point(focal_point)} if focal_point else {}),
        **({"fields": dict(map(_field, fields))} if fields else {}),
    }
    if again := {*(clear or ())} & {*named}:
        raise CommandError(f"{min(again)} can't be both set and removed. Leave one of the two out.")
    given: dict[str, Any] = {**dict.fromkeys(clear or ()), **named}
    if not given:
        raise CommandError("Nothing to set. Name an option such as --alt or --tag.")
    try:
        edit = msgspec.convert(given, Edit)
    except msgspec.ValidationError as error:
        raise CommandError(f"The metadata is invalid: {explain(error, Edit)}.") from error
    cloud = Cloud.find(stack)
    entry = cloud.entry(key)
    try:
        entry = save(cloud.catalog, entry, edit, None)
    except TooManyFieldsError as error:
        raise CommandError(str(error)) from error
    except OriginalDeletedError as error:
        raise CommandError(f"The focal point of {key!r} cannot change. {error}") from None
    except LookupError:
        raise CommandError(f"The image {key!r} is deleted.") from None
    if is_out_of_focus(entry):
        message = message_of(cloud.outputs["RawBucket"], refocused(key, entry["timestamp"]))
        send(cloud.sqs, cloud.outputs["QueueUrl"], [message])
        with console.status(f"Waiting until {escape(key)} is rendered again"):
            entry = _rendered(cloud, key, timeout)
    console.print(entry_details(entry))


def _rendered(cloud: Cloud, key: str, timeout: float) -> Entry:
    """Return the entry once the renditions follow the focal point. Raises ``CommandError``."""
    deadline = time.monotonic() + timeout
    while True:
        entry = cloud.entry(key)
        if entry["status"] != "processing" and not is_out_of_focus(entry):
            return entry
        if failed := entry.get("failed_request"):
            raise CommandError(
                f"The metadata is stored, but the renditions still follow the older focal point: "
                f"{failed['message']}"
            )
        if time.monotonic() > deadline:
            raise CommandError(
                f"The metadata is stored, but the renditions do not follow the focal point after "
                f"{timeout:.0f} s. To see the state, run `darkroom show` and `darkroom dead`."
            )
        time.sleep(POLL_SECONDS)


def _point(text: str) -> dict[str, float]:
    try:
        x, y = map(float, text.split(","))
    except ValueError:
        raise CommandError(
            f"--focal-point {text!r} is not a point. Use X,Y with fractions, such as 0.3,0.4."
        ) from None
    return {"x": x, "y": y}


def _field(text: str) -> tuple[str, str | None]:
    name, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"--field {text!r} has no value. Use --field NAME=VALUE.")
    return name, value or None
