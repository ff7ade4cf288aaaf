"""`darkroom up`: start the emulator and deploy the pipeline to it."""

import sys
from itertools import islice
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import ModeOption, PersistOption, StackOption
from darkroom.emulator.endpoint import Endpoint
from darkroom.emulator.modes import choose_mode, emulator_of, running_emulators
from darkroom.emulator.work_folder import emulator_lock, exports_file, work_folder, write_exports
from darkroom.errors import AWS_ERRORS, EmulatorError, NotDeployedError
from darkroom.terminal.console import console, print_line
from darkroom.terminal.escape import escape
from darkroom.terminal.units import counted, short_path
from localstack_init.cloudformation import StackError
from localstack_init.site import page_address

MOST_COUNTED = 1000
"""Entries that are read to count the restored images."""


def up(
    port: Annotated[
        int, typer.Option(envvar="PORT", min=1, max=65535, help="Port of the emulator.")
    ] = 4566,
    mode: ModeOption = None,
    stack: StackOption = "darkroom",
    *,
    persist: PersistOption = True,
) -> None:
    """Start the emulator on this machine and deploy the pipeline to it.

    Writes the emulator's endpoint and access key to `.darkroom/emulator.env`. To use other
    commands with the emulator, run `source .darkroom/emulator.env` first.
    """
    home = work_folder()
    with emulator_lock(home):
        chosen = choose_mode(mode)
        if other := [each for each, _ in running_emulators() if each != chosen]:
            raise EmulatorError(
                f"The emulator is already running, with MODE={other[0]}. To stop it, run `make "
                "down`."
            )
        emulator = emulator_of(chosen, stack, persist=persist)
        ran_before = bool(emulator.running())
        with console.status("Starting the emulator"):
            endpoint = emulator.start(port, print_line)
        write_exports(home, endpoint)
        endpoint.use()
        with console.status("Deploying"):
            try:
                if not ran_before:
                    _report_snapshot(endpoint, stack)
                outputs = emulator.deploy(endpoint, stack, print_line)
            except StackError as error:
                raise StackError(f"{error}\nRun `make reset`, then `make up`.") from error
            except AWS_ERRORS as error:
                raise EmulatorError(
                    f"The pipeline was not deployed. {error}\nThe emulator's log is "
                    f"{short_path(emulator.log_location())}."
                ) from error
    console.print()
    for name, value in (
        ("demo page", page_address(outputs["SiteUrl"])),
        ("AWS endpoint", endpoint.url),
        ("originals", f"s3://{outputs['RawBucket']}"),
        ("renditions", f"s3://{outputs['ProcessedBucket']}/processed/"),
        ("catalog (DynamoDB)", outputs["CatalogTable"]),
        ("function", outputs["ProcessFunction"]),
        ("emulator's log", short_path(emulator.log_location())),
    ):
        console.print(f"[bold]{name:<19}[/] {escape(value)}", soft_wrap=True)
    console.print(
        "\nNext: open the demo page and drop images on it; or [bold]make demo[/]; or\n"
        f"  source {short_path(exports_file(home))}\n"
        f"  {short_path(sys.argv[0])} upload IMAGE…",
        soft_wrap=True,
    )


def _report_snapshot(endpoint: Endpoint, stack: str) -> None:
    """Print what the emulator has restored, if anything."""
    snapshot = endpoint.snapshot()
    if path := snapshot.get("set_aside"):
        print_line(f"The snapshot cannot be restored. It was moved to {path}. Starting empty.")
    if not snapshot.get("restored"):
        return
    try:
        entries = islice(Cloud.find(stack).catalog.newest_first(), MOST_COUNTED)
        count = sum(each["status"] == "done" for each in entries)
    except NotDeployedError:
        return
    more = "more than " if count == MOST_COUNTED else ""
    print_line(f"Restored the snapshot, with {more}{counted(count, 'image')}")
