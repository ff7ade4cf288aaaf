"""The inner loop: see what is edited, and what is dropped into a folder, work at once."""

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands import local
from darkroom.commands.common import StackOption, UsageError, console, say
from darkroom.commands.local import ModeOption, PersistOption
from darkroom.dev.debugger import (
    API_PORT,
    PROCESS_PORT,
    ask_for_debugger,
    check_debugger,
    check_ports,
    wake,
)
from darkroom.dev.follower import followed_logs
from darkroom.dev.loop import Loop
from darkroom.emulator.compose import ComposeEmulator
from darkroom.emulator.instance import Endpoint, work_folder
from darkroom.emulator.modes import choose_mode, running_emulators
from darkroom.emulator.native import NativeEmulator
from darkroom.engine import recipe_files
from darkroom.watch.progress import Board
from darkroom.watch.watcher import Watch

app = typer.Typer()

DEFAULT_PORT = 4566


@app.command()
def dev(
    *,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port for an emulator that has to be started."),
    ] = None,
    mode: ModeOption = None,
    debug: Annotated[
        bool, typer.Option("--debug", envvar="DEBUG", help="Let an IDE attach to the functions.")
    ] = False,
    logs: Annotated[bool, typer.Option(help="Print the functions' logs beside.")] = True,
    stack: StackOption = "darkroom",
    persist: PersistOption = True,
) -> None:
    """Bring each change of this checkout into the emulator, which is started if none runs."""
    running = dict(running_emulators())
    if debug:
        for each in running:
            check_debugger(each)
        check_ports(stack, next(iter(running), None))
        ask_for_debugger(stack)
    chosen = choose_mode(mode)
    known = running.get(chosen)
    endpoint = Endpoint(port or (known.port if known else DEFAULT_PORT))
    local.up(endpoint.port, chosen, stack, persist=persist)
    emulator = ComposeEmulator(stack) if chosen == "docker" else NativeEmulator(work_folder())
    cloud = Cloud.find(stack)

    def wake_functions() -> None:
        if debug:
            wake(f"{stack}-process")
            wake(f"{stack}-api")

    console.print()
    if debug:
        wake_functions()
        console.print(
            f"Debuggers attach at 127.0.0.1:{PROCESS_PORT} ({stack}-process) and :{API_PORT} "
            f"({stack}-api). How: docs/development.md",
            soft_wrap=True, highlight=False,
        )  # fmt: skip
    loop = Loop(
        cloud, stack, lambda: emulator.deploy(endpoint, stack, say), console, wake_functions
    )
    _interrupt_by_signals()  # however it is ended, it leaves the page as it was
    try:
        if logs:
            with followed_logs(stack):
                loop.run()
        else:
            loop.run()
    except KeyboardInterrupt:
        console.print("\nThe emulator goes on by itself: `make down` ends it.")


@app.command()
def watch(
    folder: Annotated[Path, typer.Argument(help="The folder that pictures are dropped into.")],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the renditions are saved.")
    ] = None,
    prefix: Annotated[str, typer.Option(help="Put before each file's path.")] = "",
    recipe: Annotated[
        str | None, typer.Option(help="Name of the recipe; `darkroom recipes` lists them.")
    ] = None,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete originals whose files are deleted meanwhile.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="End when all that is there is done.")
    ] = False,
    stack: StackOption = "darkroom",
) -> None:
    """Put pictures through the pipeline as they are dropped into a folder."""
    if not folder.is_dir():
        raise UsageError(f"Not a folder: {folder}")
    if recipe is not None:
        recipe_files.named(recipe)
    root = folder.resolve()
    saved = out.resolve() if out else None
    if saved == root:
        raise UsageError("The renditions would be taken for pictures: choose another --out.")
    if saved:
        saved.mkdir(parents=True, exist_ok=True)
    # It asks again itself: botocore would try for half a minute before it says that nobody answers.
    os.environ.setdefault("AWS_MAX_ATTEMPTS", "3")
    cloud = Cloud.find(stack)
    _interrupt_by_signals()
    with suppress(KeyboardInterrupt), Board(console) as board:
        Watch(cloud, root, board, saved, prefix, recipe, delete).run(once=once)


def _interrupt_by_signals() -> None:
    """Let both raise ``KeyboardInterrupt``: a script's background jobs begin without SIGINT."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
