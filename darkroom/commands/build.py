"""`darkroom build`: build the layer with the functions' dependencies."""

from typing import Annotated

import typer

from darkroom.terminal.console import console
from localstack_init.build import Target, build_layer


def build(
    target: Annotated[
        Target, typer.Option(help="Processor architecture. `host` is that of this machine.")
    ] = "host",
) -> None:
    """Build the Lambda layer with the functions' dependencies, and print its path.

    `deploy` builds the layer if it is missing, which needs a network.
    """
    console.print(str(build_layer(target).path), soft_wrap=True)
