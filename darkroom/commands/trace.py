"""`darkroom trace`: draw the processing of one image as a timeline."""

import io
import re
from pathlib import Path
from typing import Annotated

import typer
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from darkroom.cloud import Cloud
from darkroom.commands.options import KeyArgument, StackOption
from darkroom.operations.logs import LogFilter, seconds_of, stack_logs
from darkroom.operations.trace import trace_of
from darkroom.terminal.console import console
from darkroom.terminal.escape import on_one_line
from darkroom.terminal.timeline import timeline
from processor.change import milliseconds_since

SVG = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
"""Rich's format without its fonts, which a browser would request from another site."""

BEFORE_UPLOAD = 900.0
"""Seconds before an upload in which it may have been presigned."""


def trace(
    key: KeyArgument,
    since: Annotated[
        str | None,
        typer.Option(
            help="Age of the oldest log line to read, such as 2h. Default: since the upload."
        ),
    ] = None,
    svg: Annotated[
        Path | None, typer.Option(help="Also write the timeline to this SVG file.")
    ] = None,
    stack: StackOption = "darkroom",
) -> None:
    """Draw the processing of one image as a timeline: upload, queue, the stages of each attempt."""
    cloud = Cloud.find(stack)
    entry = cloud.entry(key)
    age = milliseconds_since(entry["timestamp"]) / 1000
    seconds = seconds_of(since) if since else age + BEFORE_UPLOAD
    # Not only the image's lines: Lambda's own, which have the reason of a crash, have no key.
    found = trace_of(entry, list(stack_logs(cloud, seconds, LogFilter())))
    console.print(timeline(found, console.width))
    if svg:
        drawn = Console(record=True, width=110, file=io.StringIO(), force_terminal=True)
        drawn.print(timeline(found, drawn.width))
        drawn.save_svg(str(svg), title=f"darkroom trace {on_one_line(key)}", code_format=SVG)
