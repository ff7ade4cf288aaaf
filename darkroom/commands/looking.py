"""Look at what is deployed."""

import io
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import Annotated

import boto3
import typer
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.markup import escape

from darkroom.cloud import Cloud
from darkroom.commands.common import KeyArgument, StackOption, UsageError, console
from darkroom.emulator.modes import running_emulators
from darkroom.operations.logs import (
    Line,
    Wanted,
    as_json,
    read_logs,
    seconds_of,
    shown,
)
from darkroom.operations.trace import trace as put_together
from darkroom.terminal import tables
from darkroom.terminal.timeline import timeline

app = typer.Typer()

SVG = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
"""Without fonts from elsewhere: who looks at a picture should have to ask nobody."""

LOG_GROUPS = ("LogGroup", "WorkflowLogGroup", "ApiLogGroup")
"""Outputs that name the functions' log groups."""

BEFORE_UPLOAD = 900.0
"""Seconds before an upload in which it may have been presigned."""


class Level(Enum):
    """How grave a line of the log is."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


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
    depth = ", ".join(f"{count} {what}" for what, count in depths.items())
    console.print(f"Queue: {depth}" + (" (`darkroom dead` says why)" if depths["dead"] else ""))
    entries = list(islice(cloud.catalog.newest_first(), 1000))
    # What is deleted is not among the newest.
    names = [name for name in tables.COLORS if name != "deleted"]
    counts = {name: sum(each["status"] == name for each in entries) for name in names}
    listed = ", ".join(
        f"[{tables.COLORS[name]}]{count} {name}[/]" for name, count in counts.items()
    )
    console.print(f"Catalog: {listed}" + (" (of the newest 1000)" if len(entries) == 1000 else ""))


@app.command()
def logs(
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more.")] = False,
    image: Annotated[
        str | None, typer.Option("--image", metavar="KEY", help="Only what is said of this one.")
    ] = None,
    level: Annotated[
        Level | None, typer.Option(help="Only what is as grave.", case_sensitive=False)
    ] = None,
    since: Annotated[str, typer.Option(help="How far back to begin: 90s, 10m, 2h, 1d.")] = "10m",
    raw: Annotated[
        bool, typer.Option("--json", help="A JSON object for each line, those of metrics, too.")
    ] = False,
    stack: StackOption = "darkroom",
) -> None:
    """Print the functions' logs, in the order in which the lines were written."""
    wanted = Wanted(image, level.value if level else None, metrics=raw)
    for line in _read(Cloud.find(stack), _seconds(since), wanted, follow=follow):
        if raw:
            typer.echo(as_json(line))
        else:
            console.print(shown(line), soft_wrap=True)


@app.command()
def trace(
    key: KeyArgument,
    since: Annotated[
        str | None,
        typer.Option(help="How far back to read the logs; since the upload if not told."),
    ] = None,
    svg: Annotated[Path | None, typer.Option(help="Write the picture to this file, too.")] = None,
    stack: StackOption = "darkroom",
) -> None:
    """Draw one picture's way: upload, queue, and every stage of every attempt."""
    cloud = Cloud.find(stack)
    entry = cloud.catalog.get(key)
    if entry is None:
        raise UsageError(f"The catalog has no entry {key!r}.")
    seconds = _seconds(since) if since else _age(entry["timestamp"]) + BEFORE_UPLOAD
    # Lines that Lambda itself has written name no picture, and tell how a function died.
    lines = list(_read(cloud, seconds, Wanted()))
    found = put_together(entry, lines)
    console.print(timeline(found, console.width))
    if svg:
        drawn = Console(record=True, width=110, file=io.StringIO(), force_terminal=True)
        drawn.print(timeline(found, drawn.width))
        drawn.save_svg(str(svg), title=f"darkroom trace {key}", code_format=SVG)


def _read(cloud: Cloud, seconds: float, wanted: Wanted, *, follow: bool = False) -> Iterator[Line]:
    groups = [cloud.outputs[name] for name in LOG_GROUPS]
    return read_logs(boto3.client("logs"), groups, seconds, wanted, follow=follow)


def _seconds(span: str) -> float:
    try:
        return seconds_of(span)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _age(timestamp: str) -> float:
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(timestamp)).total_seconds())
