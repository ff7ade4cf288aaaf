"""`darkroom reset`: stop the emulator and delete its snapshot."""

from typing import Annotated

import typer

from darkroom.commands.options import ModeOption
from darkroom.emulator.modes import stop_emulators
from darkroom.emulator.native import NativeEmulator
from darkroom.emulator.work_folder import emulator_lock, work_folder
from darkroom.terminal.console import console


def reset(
    mode: ModeOption = None,
    *,
    image: Annotated[
        bool, typer.Option("--image", help="Also delete the emulator's Docker image.")
    ] = False,
) -> None:
    """Stop the emulator and delete its snapshot. The next `up` starts empty."""
    with emulator_lock(work_folder()):
        stopped = stop_emulators(mode, delete_volume=True, delete_image=image)
        deleted = mode != "docker" and NativeEmulator().delete_snapshot()
    console.print(
        "The emulator starts empty next time."
        if stopped or deleted
        else "No emulator was running, and there was no snapshot."
    )
