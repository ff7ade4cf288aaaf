"""`darkroom mode`: print how `up` runs the emulator."""

import typer

from darkroom.commands.options import ModeOption
from darkroom.emulator.modes import choose_mode


def mode(mode: ModeOption = None) -> None:
    """Print the mode in which `up` runs the emulator: docker or native."""
    typer.echo(choose_mode(mode))
