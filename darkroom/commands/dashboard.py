"""The stack's dashboard, in the terminal."""

import time
from typing import Annotated

import boto3
import typer
from rich.live import Live

from darkroom.cloud import Cloud
from darkroom.commands.common import StackOption, console
from darkroom.terminal.dashboard import Dashboard

app = typer.Typer()

REFRESH_SECONDS = 5.0


@app.command()
def dashboard(
    *,
    minutes: Annotated[int, typer.Option(min=1, help="How far back to look.")] = 30,
    once: Annotated[bool, typer.Option("--once", help="Draw it once, and end.")] = False,
    stack: StackOption = "darkroom",
) -> None:
    """Draw what CloudWatch's dashboard shows of the stack, every few seconds anew."""
    name = Cloud.find(stack).outputs["Dashboard"]
    board = Dashboard(boto3.client("cloudwatch"), name)
    if once:
        console.print(board.draw(minutes, console.width))
        return
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            live.update(board.draw(minutes, console.width), refresh=True)
            time.sleep(REFRESH_SECONDS)
