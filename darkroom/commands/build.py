"""`darkroom build`: build the layer with the functions' dependencies."""

from typing import Annotated

import typer

from darkroom.terminal.console import console
from localstack_init.build import Target, build_layer


def build(
    target: Annotated[Target, typer.Option(help="Processor architecture of the layer.")] = "host",
) -> None:
    """Build the layer with the functions' dependencies; deploying then needs no network."""
    console.print(str(build_layer(target).path), soft_wrap=True)
