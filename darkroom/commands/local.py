"""Run the pipeline on this machine."""

import os
import sys
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from darkroom.cloud import Cloud, NotDeployedError
from darkroom.commands.common import StackOption, console, say
from darkroom.emulator.compose import ComposeEmulator, engine_answers
from darkroom.emulator.instance import (
    EmulatorError,
    Endpoint,
    alone,
    exports_file,
    work_folder,
    write_exports,
)
from darkroom.emulator.modes import (
    Mode,
    choose_mode,
    running_emulators,
)
from darkroom.emulator.native import NativeEmulator, Running
from localstack_init.cloudformation import StackError
from localstack_init.site import page_address

app = typer.Typer()

COUNTED = 1000
"""As many of the newest pictures are counted."""

ModeOption = Annotated[
    Mode | None,
    typer.Option(
        "--mode",
        envvar="MODE",
        help="A container, or a plain process. Without it: what runs; else a container where a "
        "Docker engine answers.",
    ),
]

PersistOption = Annotated[
    bool, typer.Option(envvar="PERSIST", help="Keep what it holds, and begin with what was kept.")
]


@app.command()
def mode(mode: ModeOption = None) -> None:
    """Say how `up` runs the emulator here: `docker` or `native`."""
    print(choose_mode(mode))  # noqa: T201 (for programs)


@app.command()
def up(
    port: Annotated[
        int, typer.Option(envvar="PORT", min=1, max=65535, help="Port of the emulator.")
    ] = 4566,
    mode: ModeOption = None,
    stack: StackOption = "darkroom",
    *,
    persist: PersistOption = True,
) -> None:
    """Start the emulator on this machine and deploy the pipeline into it."""
    home = work_folder()
    with alone(home):
        chosen = choose_mode(mode)
        if other := [each for each, _ in running_emulators() if each != chosen]:
            raise EmulatorError(
                f"The emulator runs already, as MODE={other[0]}. `make down` ends it."
            )
        emulator = (
            ComposeEmulator(stack, persist)
            if chosen == "docker"
            else NativeEmulator(home, persist=persist)
        )
        ran_before = bool(emulator.running())
        with console.status("Starting the emulator"):
            endpoint = emulator.start(port, say)
        write_exports(home, endpoint)
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(endpoint.environment())
        with console.status("Deploying"):
            if not ran_before:
                _tell_of_kept(endpoint, stack)
            try:
                outputs = emulator.deploy(endpoint, stack, say)
            except StackError as error:
                raise StackError(f"{error}\n`make reset` and then `make up` begin anew.") from error
    console.print()
    for what, where in (
        ("demo page", page_address(outputs["SiteUrl"])),
        ("AWS endpoint", endpoint.url),
        ("put pictures into", f"s3://{outputs['RawBucket']}"),
        ("renditions come to", f"s3://{outputs['ProcessedBucket']}/processed/"),
        ("catalog (DynamoDB)", outputs["CatalogTable"]),
        ("function", outputs["ProcessFunction"]),
        ("emulator's log", _shown(emulator.where_logs_are())),
    ):
        console.print(f"[bold]{what:<19}[/] {escape(where)}", soft_wrap=True)
    console.print(
        "\nTry next: open the demo page and drop photographs on it; or [bold]make demo[/]; or\n"
        f"  source {_shown(exports_file(home))}\n"
        f"  {_shown(sys.argv[0])} upload PHOTO…",
        soft_wrap=True,
    )


@app.command(hidden=True)
def attach() -> None:
    """Note how to reach an emulator that something else has started, as `docker compose up`."""
    for _, endpoint in running_emulators():
        write_exports(work_folder(), endpoint)
        return
    raise EmulatorError("No emulator is running: `make up` starts one.")


@app.command()
def down(mode: ModeOption = None) -> None:
    """Stop the emulator; unless `up` was told otherwise, what it holds is kept for the next one."""
    home = work_folder()
    emulator = NativeEmulator(home)
    with alone(home):
        keeps = {
            each: running.keeps() if isinstance(running, Running) else ComposeEmulator().keeps()
            for each, running in running_emulators()
            if mode in {None, each}
        }
        before = emulator.saved()
        stopped = _stop(home, mode, forget=False)
    console.print("The emulator is stopped." if stopped else "No emulator was running.")
    folder = _shown(emulator.state)
    how = "`make up` brings it back, `make reset` forgets it."
    if False in keeps.values():
        say("It ran with PERSIST=0: what it held is gone.")
    if keeps.get("docker"):
        say(f"What it held is kept in its volume: {how}")
    if keeps.get("native") and emulator.saved() != before:
        say(f"What it held is kept in {folder}: {how}")
        return
    if keeps.get("native"):
        say(f"It could not save what it held: {_shown(emulator.log)} says why.")
    if emulator.is_kept():
        say(f"What was saved before is kept in {folder}: {how}")


@app.command()
def reset(
    mode: ModeOption = None,
    *,
    image: Annotated[
        bool, typer.Option("--image", help="Remove the image that was built.")
    ] = False,
) -> None:
    """Stop the emulator and forget what was kept: the next `up` starts empty."""
    home = work_folder()
    with alone(home):
        stopped = _stop(home, mode, forget=True, remove_image=image)
        forgotten = mode != "docker" and NativeEmulator(home).forget()
    console.print(
        "The emulator is empty at the next start."
        if stopped or forgotten
        else "No emulator was running, and no process had kept anything."
    )


def _stop(home: Path, mode: Mode | None, *, forget: bool, remove_image: bool = False) -> bool:
    stopped = mode != "docker" and NativeEmulator(home).stop()
    if mode != "native" and engine_answers():
        stopped |= ComposeEmulator().stop(forget=forget, remove_image=remove_image)
    exports_file(home).unlink(missing_ok=True)
    return stopped


def _tell_of_kept(endpoint: Endpoint, stack: str) -> None:
    """Say what a start has brought back, if anything."""
    state = endpoint.state()
    if place := state.get("set_aside"):
        say(f"What was kept can't be used, and is set aside as {place}. Starting empty.")
    if not state.get("restored"):
        return
    try:
        entries = islice(Cloud.find(stack).catalog.newest_first(), COUNTED)
        count = sum(each["status"] == "done" for each in entries)
    except NotDeployedError:
        return
    noun = "picture was" if count == 1 else "pictures were"
    say(f"{'More than ' if count == COUNTED else ''}{count} {noun} kept from the last time")


def _shown(path: str | Path) -> str:
    """A path as short as it can be typed from here; what is none stays as it is."""
    path = Path(path)
    if not path.is_absolute() and not path.exists():
        return str(path)
    path = path.absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
