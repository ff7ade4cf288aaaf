"""`darkroom logs`: print the functions' logs."""

from enum import Enum
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import StackOption
from darkroom.operations.logs import LogFilter, seconds_of, stack_logs
from darkroom.terminal.console import console
from darkroom.terminal.log_lines import log_line


class Level(Enum):
    """The severity of a log line."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


def logs(
    *,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Print new lines until Ctrl-C.")
    ] = False,
    image: Annotated[
        str | None, typer.Option("--image", metavar="KEY", help="Only lines about this original.")
    ] = None,
    level: Annotated[
        Level | None, typer.Option(help="Only lines of this level or above.", case_sensitive=False)
    ] = None,
    since: Annotated[
        str, typer.Option(help="Age of the oldest line, such as 90s, 10m, 2h or 1d.")
    ] = "10m",
    raw: Annotated[
        bool, typer.Option("--json", help="Print each line as JSON, including metrics.")
    ] = False,
    stack: StackOption = "darkroom",
) -> None:
    """Print the functions' logs in chronological order."""
    seconds = seconds_of(since)
    selection = LogFilter(image, level.value if level else None, metrics=raw)
    for line in stack_logs(Cloud.find(stack), seconds, selection, follow=follow):
        if raw:
            typer.echo(line.as_json())
        else:
            console.print(log_line(line), soft_wrap=True)
