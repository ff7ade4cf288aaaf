"""Look at what is deployed."""

import os
from itertools import islice
from typing import Annotated

import boto3
import typer
from rich.markup import escape

from darkroom import tables
from darkroom.cloud import Cloud
from darkroom.commands.common import StackOption, console
from darkroom.logs import follow_logs
from darkroom.modes import running_emulators

app = typer.Typer()


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
