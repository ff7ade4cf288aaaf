"""`darkroom rm`: delete originals with their renditions."""

from collections.abc import Mapping
from typing import Annotated

import typer

from darkroom.clock import clock
from darkroom.cloud import Cloud
from darkroom.commands.options import StackOption, TimeoutOption, YesOption
from darkroom.errors import CommandError
from darkroom.operations.repair import results
from darkroom.operations.trash import purge as purge_original
from darkroom.terminal.console import console, error_console
from darkroom.terminal.escape import escape
from darkroom.terminal.units import counted
from processor.catalog.entries import Entry
from processor.catalog.published import missing_original


def rm(
    keys: Annotated[list[str], typer.Argument(metavar="KEY", help="Keys of originals.")],
    *,
    purge: Annotated[
        bool,
        typer.Option(
            "--purge",
            help="Delete all versions for good, and the catalog entry. Nothing can be restored.",
        ),
    ] = False,
    yes: YesOption = False,
    timeout: TimeoutOption = 60,
    stack: StackOption = "darkroom",
) -> None:
    """Delete originals, and wait until the pipeline has deleted their renditions.

    If the stack's UndeleteDays is above 0, `restore` can restore them.
    """
    cloud = Cloud.find(stack)
    keys = list(dict.fromkeys(keys))
    if purge:
        _purge(cloud, keys, timeout, yes=yes)
        return
    entries = cloud.entries(keys)
    originals = _existing(cloud, keys, entries)
    if not yes:
        what = repr(keys[0]) if len(keys) == 1 else f"{len(keys)} originals"
        typer.confirm(f"Delete {what} with all renditions?", abort=True)
    for key in keys:
        _delete(cloud, key, entries.get(key), has_original=key in originals)
    after = {key: entries[key]["sequencer"] if key in entries else "" for key in keys}
    with console.status("Waiting until the renditions are deleted"):
        for key, entry in results(cloud, after, timeout):
            left = len(list(cloud.renditions.list(key)))
            if entry["status"] == "deleted" and not left:
                del after[key]
                count = len(entries.get(key, {}).get("renditions", []))
                console.print(f"{escape(key)}: deleted, with {count} renditions.", soft_wrap=True)
            else:
                state = f"the entry is {entry['status']}, and {left} renditions still exist"
                error_console.print(f"{escape(key)}: {state}.", soft_wrap=True)
    if cloud.undelete_days:
        days = counted(cloud.undelete_days, "day")
        console.print(f"`darkroom restore KEY` restores a deleted original for {days}.")
    if after:
        listed = ", ".join(map(repr, after))
        raise CommandError(
            f"The originals are deleted, but renditions of {listed} may still exist. To see the "
            "state, run `darkroom show` and `darkroom check`."
        )


def _existing(cloud: Cloud, keys: list[str], entries: Mapping[str, Entry]) -> set[str]:
    """Return the keys with an original. Raises ``CommandError`` if a key has no image."""
    originals = {key for key in keys if cloud.original(key)}
    for key in keys:
        if key not in originals and not (
            key in entries and missing_original(entries[key], cloud.retention_days, clock.now())
        ):
            raise CommandError(
                f"There is no original {key!r}. Nothing was deleted. `darkroom ls` lists the "
                "images, `darkroom check` lists entries without an original."
            )
    return originals


def _delete(cloud: Cloud, key: str, entry: Entry | None, *, has_original: bool) -> None:
    if has_original:
        cloud.s3.delete_object(Bucket=cloud.outputs["RawBucket"], Key=key)
    if not has_original or cloud.deletes_originals:
        # The removal of an original that is deleted after processing does not delete its image.
        cloud.discard(key, entry)


def _purge(cloud: Cloud, keys: list[str], timeout: float, *, yes: bool) -> None:
    for key in keys:
        if not cloud.versions(key) and cloud.catalog.get(key) is None:
            raise CommandError(
                f"Nothing exists of {key!r}: no version, and no entry. Nothing was deleted. "
                "`darkroom ls` and `darkroom trash` list what exists."
            )
    if not yes:
        what = repr(keys[0]) if len(keys) == 1 else f"{len(keys)} originals"
        typer.confirm(f"Delete {what} for good, with all versions?", abort=True)
    for key in keys:
        with console.status(f"Deleting {escape(key)} for good"):
            count = purge_original(cloud, key, timeout)
        console.print(
            f"{escape(key)}: deleted for good, with {counted(count, 'version')}.", soft_wrap=True
        )
