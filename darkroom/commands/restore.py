"""`darkroom restore`: restore deleted originals, or an older version of one."""

from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import StackOption, TimeoutOption
from darkroom.errors import CommandError
from darkroom.operations.repair import results
from darkroom.operations.trash import restore_original
from darkroom.terminal.console import console, error_console
from darkroom.terminal.entries import status
from darkroom.terminal.escape import escape


def restore(
    keys: Annotated[list[str], typer.Argument(metavar="KEY", help="Keys of originals.")],
    *,
    version: Annotated[
        str | None,
        typer.Option(
            "--version",
            metavar="ID",
            help="Restore this version of one original. `trash --versions` lists them.",
        ),
    ] = None,
    timeout: TimeoutOption = 60,
    stack: StackOption = "darkroom",
) -> None:
    """Restore deleted originals, and wait until the pipeline has rendered them again.

    The restored original is a copy of the version, with its metadata. Exits with 1 if an image is
    not done.
    """
    keys = list(dict.fromkeys(keys))
    if version is not None and len(keys) > 1:
        raise CommandError("--version is the version of one original. Name one key.")
    cloud = Cloud.find(stack)
    after = {key: restore_original(cloud, key, version) for key in keys}
    is_done = True
    with console.status("Waiting until the renditions are stored"):
        for key, entry in results(cloud, after, timeout):
            del after[key]
            count = len(entry.get("renditions", []))
            if entry["status"] == "done":
                console.print(f"{escape(key)}: restored, with {count} renditions.", soft_wrap=True)
                continue
            is_done = False
            why = f": {escape(entry['error']['message'])}" if "error" in entry else "."
            error_console.print(
                f"{escape(key)}: restored, and the image is {status(entry)}{why}", soft_wrap=True
            )
    if after:
        listed = ", ".join(map(repr, after))
        raise CommandError(
            f"The originals {listed} are restored, but not rendered within {timeout:.0f} s. To see "
            "the state, run `darkroom show` and `darkroom dead`."
        )
    if not is_done:
        raise typer.Exit(1)
