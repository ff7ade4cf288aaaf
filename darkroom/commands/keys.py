"""`darkroom keys`: show and rotate the keys that sign the URLs of variants."""

import json
import os
from enum import StrEnum
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import JsonOption, StackOption, YesOption
from darkroom.errors import CommandError
from darkroom.operations.imgproxy_keys import imgproxy_entries
from darkroom.operations.signing_keys import SigningKeys
from darkroom.terminal.console import console
from darkroom.terminal.signing_keys import keys_json, keys_table


class Action(StrEnum):
    """What to do with the keys."""

    SHOW = "show"
    ROTATE = "rotate"
    IMGPROXY = "imgproxy"


def keys(
    action: Annotated[
        Action,
        typer.Argument(
            metavar="ACTION",
            help="`show` lists the keys; `rotate` creates a new one; `imgproxy` stores the key and "
            "salt of imgproxy-compatible URLs.",
        ),
    ],
    *,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="With `show`: print the keys. They are secret.")
    ] = False,
    sources: Annotated[
        list[str] | None,
        typer.Option(
            "--source",
            metavar="PREFIX",
            help="With `imgproxy`: a prefix of source URLs that the key of the original follows, "
            "such as `s3://OLD-BUCKET/`. Repeatable.",
        ),
    ] = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """Show or rotate the keys that sign the URLs of variants.

    `current` signs new URLs. URLs that were signed with `previous` are valid too. A rotation makes
    the current key the previous one, and URLs that were signed with the former previous key
    invalid. `show` prints the first digits of each key's SHA-256, which tell keys apart.

    `imgproxy` reads the variables `IMGPROXY_KEY` and `IMGPROXY_SALT`, as imgproxy does:
    hexadecimal, several separated by commas. It replaces the stored ones.
    """
    if reveal and action != Action.SHOW:
        raise typer.BadParameter(f"--reveal can't be combined with {action}.")
    if sources and action != Action.IMGPROXY:
        raise typer.BadParameter(f"--source can't be combined with {action}.")
    cloud = Cloud.find(stack)
    found = SigningKeys.of(cloud)
    if action == Action.IMGPROXY:
        found = found.replace(imgproxy_entries(os.environ, cloud.outputs["RawBucket"], sources))
    if action == Action.ROTATE:
        found = _rotated(found, yes=yes)
    if as_json:
        typer.echo(json.dumps(keys_json(found, reveal=reveal), indent=2))
        return
    if not found.values:
        raise CommandError("The stack has no signing keys. `darkroom keys rotate` creates one.")
    console.print(keys_table(found, reveal=reveal))
    if action == Action.ROTATE:
        console.print(
            "New URLs are signed with the current key. URLs that were signed with the previous key "
            "stay valid until the next rotation; older ones are invalid now. On AWS, all edge "
            "locations have the new key within seconds.",
            soft_wrap=True,
        )


def _rotated(found: SigningKeys, *, yes: bool) -> SigningKeys:
    if not yes:
        lost = " URLs that are signed with the previous key become invalid." * (
            "previous" in found.values
        )
        typer.confirm(f"Create a new signing key?{lost}", abort=True)
    return found.rotate()
