"""`darkroom dashboard`: draw the stack's CloudWatch dashboard."""

import time
from typing import Annotated

import boto3
import typer
from rich.live import Live

from darkroom.cloud import Cloud
from darkroom.commands.options import StackOption
from darkroom.terminal.console import console
from darkroom.terminal.dashboard import Dashboard

REFRESH_SECONDS = 5.0


def dashboard(
    *,
    minutes: Annotated[int, typer.Option(min=1, help="Period to draw, in minutes.")] = 30,
    once: Annotated[bool, typer.Option("--once", help="Draw the dashboard once and exit.")] = False,
    stack: StackOption = "darkroom",
) -> None:
    """Draw the stack's CloudWatch dashboard in the terminal, and refresh it every 5 seconds."""
    name = Cloud.find(stack).outputs["Dashboard"]
    board = Dashboard(boto3.client("cloudwatch"), name)
    if once:
        console.print(board.draw(minutes, console.width))
        return
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            live.update(board.draw(minutes, console.width), refresh=True)
            time.sleep(REFRESH_SECONDS)
