"""Look at what is deployed."""

import os
import time
from itertools import islice
from typing import Annotated

import boto3
import typer
from rich.live import Live
from rich.markup import escape

from darkroom import tables
from darkroom.cloud import Cloud
from darkroom.commands.common import StackOption, console
from darkroom.dashboard import Dashboard
from darkroom.logs import follow_logs
from darkroom.modes import running_emulators

app = typer.Typer()

REFRESH_SECONDS = 5.0


@app.command()
def status(stack: StackOption = "darkroom") -> None:
    """Say what runs, and how many pictures are where."""
    for mode, emulator in running_emulators():
        console.print(f"Emulator: {emulator.url} (MODE={mode})")
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    console.print(f"Commands go to {endpoint or 'AWS'}.")
    cloud = Cloud.find(stack)
    for name, value in cloud.outputs.items():
        console.print(f"  {name:<20} {escape(value)}", soft_wrap=True)
    depths = cloud.queue_depths()
    shown = ", ".join(f"{count} {what}" for what, count in depths.items())
    console.print(f"Queue: {shown}" + (" (`darkroom dead` says why)" if depths["dead"] else ""))
    entries = list(islice(cloud.catalog.newest_first(), 1000))
    # What is deleted is not among the newest.
    names = [name for name in tables.COLOURS if name != "deleted"]
    counts = {name: sum(each["status"] == name for each in entries) for name in names}
    shown = ", ".join(
        f"[{tables.COLOURS[name]}]{count} {name}[/]" for name, count in counts.items()
    )
    console.print(f"Catalog: {shown}" + (" (of the newest 1000)" if len(entries) == 1000 else ""))


@app.command()
def logs(
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more.")] = False,
    minutes: Annotated[float, typer.Option(help="How far back to begin.")] = 10,
    stack: StackOption = "darkroom",
) -> None:
    """Print the function's logs."""
    group = Cloud.find(stack).outputs["LogGroup"]
    follow_logs(boto3.client("logs"), group, minutes * 60, console, follow=follow)


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
