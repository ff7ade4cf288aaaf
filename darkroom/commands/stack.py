"""The stack: deploy it, look at it, remove it."""

import os
from itertools import islice
from typing import Annotated

import boto3
import typer
from rich.markup import escape

from darkroom import tables
from darkroom.cloud import Cloud
from darkroom.commands.common import StackOption, TargetOption, UsageError, console, say
from darkroom.logs import follow_logs
from darkroom.modes import running_emulators
from localstack_init import deploy as cloud_deploy
from localstack_init.package import build_layer

app = typer.Typer()


@app.command()
def build(target: TargetOption = "host") -> None:
    """Build the layer, so that deploying needs no network."""
    console.print(str(build_layer(target).path), soft_wrap=True)


@app.command()
def deploy(
    target: TargetOption = "x86_64",
    parameter: Annotated[
        list[str] | None, typer.Option("--param", help="NAME=VALUE of a template parameter.")
    ] = None,
    stack: StackOption = "darkroom",
) -> None:
    """Create or update the stack where AWS_ENDPOINT_URL leads; without it, on AWS."""
    pairs = [each.partition("=") for each in parameter or []]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise UsageError(f"--param takes NAME=VALUE, not {wrong[0]!r}.")
    outputs = cloud_deploy.deploy(
        cloud_deploy.Deployment(
            stack=stack,
            target=target,
            parameters={name: value for name, _, value in pairs},
        ),
        say,
    )
    for name, value in outputs.items():
        console.print(f"[bold]{name:<20}[/] {escape(value)}", soft_wrap=True)


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
def destroy(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    stack: StackOption = "darkroom",
) -> None:
    """Delete the stack with every picture and entry that it holds."""
    caller = boto3.client("sts").get_caller_identity()
    where = os.environ.get("AWS_ENDPOINT_URL") or f"AWS account {caller['Account']}"
    if not yes:
        typer.confirm(f"Delete stack {stack} at {where} and all pictures in it?", abort=True)
    cloud_deploy.destroy(stack, say)
    console.print(f"Stack {stack} is gone.")
