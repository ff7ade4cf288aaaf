"""What the commands have in common: options, and how they speak."""

from typing import Annotated

import typer
from rich.console import Console

from localstack_init.package import Target

console = Console()
errors = Console(stderr=True)

StackOption = Annotated[
    str, typer.Option("--stack", envvar="DARKROOM_STACK", help="Name of the stack.")
]
TargetOption = Annotated[
    Target, typer.Option("--target", help="Processor that the layer is built for.")
]
PatienceOption = Annotated[
    float, typer.Option("--patience", help="Seconds to wait for the pictures to be processed.")
]
KeyArgument = Annotated[str, typer.Argument(help="Key of an original.")]


class UsageError(Exception):
    """The command was given something that it cannot work with. Says what to do."""


def say(line: str) -> None:
    """Write a line as it is."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)
