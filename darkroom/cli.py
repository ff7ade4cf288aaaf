"""The ``darkroom`` program: all commands, in the groups that its help shows."""

from importlib.metadata import version
from typing import Annotated

import typer

from darkroom import checkout
from darkroom.commands.attach import attach
from darkroom.commands.build import build
from darkroom.commands.check import check
from darkroom.commands.contact_sheet import contact_sheet
from darkroom.commands.dashboard import dashboard
from darkroom.commands.dead import dead
from darkroom.commands.demo import demo
from darkroom.commands.deploy import deploy
from darkroom.commands.destroy import destroy
from darkroom.commands.dev import dev
from darkroom.commands.diff import diff
from darkroom.commands.down import down
from darkroom.commands.events import events
from darkroom.commands.get import get
from darkroom.commands.keys import keys
from darkroom.commands.logs import logs
from darkroom.commands.ls import ls
from darkroom.commands.mode import mode
from darkroom.commands.outputs import outputs
from darkroom.commands.permissions import permissions
from darkroom.commands.recipes import recipes
from darkroom.commands.redrive import redrive
from darkroom.commands.render import render
from darkroom.commands.reprocess import reprocess
from darkroom.commands.reset import reset
from darkroom.commands.restore import restore
from darkroom.commands.rm import rm
from darkroom.commands.set import set  # noqa: A004 (the command's word)
from darkroom.commands.show import show
from darkroom.commands.similar import similar
from darkroom.commands.status import status
from darkroom.commands.trace import trace
from darkroom.commands.trash import trash
from darkroom.commands.up import up
from darkroom.commands.upload import upload
from darkroom.commands.url import url
from darkroom.commands.watch import watch
from darkroom.commands.webhooks import webhooks
from darkroom.terminal.encoding import use_utf8
from darkroom.terminal.error_report import reported_errors

COMMANDS = {
    "Local emulator": (up, down, reset, dev, mode),
    "Images": (upload, watch, demo, ls, show, similar, set, get, url, rm, trash, restore),
    "Local image engine": (render, recipes, contact_sheet),
    "Monitoring": (status, logs, trace, dashboard),
    "Deployment": (build, deploy, diff, outputs, permissions, destroy),
    "Operations": (dead, redrive, reprocess, check, keys, events, webhooks),
}

LOCAL = {command.__name__ for command in (*COMMANDS["Local emulator"], attach)}
"""Commands that need a checkout."""

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Run and operate a serverless image pipeline, on this machine or on AWS. Commands call "
    "the endpoint in AWS_ENDPOINT_URL, or AWS if this variable is not set.",
)


def _print_version(value: bool) -> None:  # noqa: FBT001  # typer passes it so
    if value:
        typer.echo(f"darkroom {version('darkroom')}")
        raise typer.Exit


@app.callback()
def darkroom(
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001  # its callback prints it
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version."
        ),
    ] = False,
) -> None:
    """Check that the command can run here. The help's text is that of ``app``."""
    if context.invoked_subcommand in LOCAL:
        checkout.require(context.invoked_subcommand)


for _group, _commands in COMMANDS.items():
    for _command in _commands:
        app.command(rich_help_panel=_group)(_command)
app.command(hidden=True)(attach)


def main() -> None:
    """Run the command that the program's arguments name."""
    use_utf8()
    with reported_errors():
        checkout.check()
        app()
