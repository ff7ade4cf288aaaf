"""The stack: deploy it, say what that would change, remove it."""

import sys
from typing import Annotated
from urllib.parse import urlsplit

import boto3
import typer
from rich.markup import escape

from darkroom.commands.common import StackOption, UsageError, console, say
from darkroom.terminal import tables
from localstack_init import deploy as deploying
from localstack_init.build import Target, build_layer
from localstack_init.stack import Stack

app = typer.Typer()

EnvironmentOption = Annotated[
    str,
    typer.Option(
        "--env",
        metavar="NAME",
        help="One of several stacks in an account: it is named <stack>-NAME. The data of prod and "
        "production is protected.",
    ),
]
ParameterOption = Annotated[
    list[str] | None, typer.Option("--param", help="NAME=VALUE of a template parameter.")
]
ProfileOption = Annotated[
    str | None, typer.Option("--profile", help="Profile of your AWS configuration.")
]
RegionOption = Annotated[str | None, typer.Option("--region", help="AWS region.")]
TargetOption = Annotated[
    Target | None,
    typer.Option(
        "--target",
        help="Processor that the layer is built for. Without it: the last deployment's, or x86_64.",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@app.command()
def build(target: Annotated[Target, typer.Option(help="Processor to build for.")] = "host") -> None:
    """Build the layer, so that deploying needs no network."""
    console.print(str(build_layer(target).path), soft_wrap=True)


@app.command()
def deploy(
    *,
    target: TargetOption = None,
    parameter: ParameterOption = None,
    environment: EnvironmentOption = "",
    profile: ProfileOption = None,
    region: RegionOption = None,
    yes: YesOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """Create or update the stack where AWS_ENDPOINT_URL leads; without it, on AWS."""
    _enter(profile, region)
    deployment = _deployment(stack, environment, target, parameter)
    found = _find(deployment.stack)
    exists, leftover = found.is_deployed(), found.leftover()
    _introduce(
        "Updating" if exists else "Creating", deployment.stack, protected=deployment.protected
    )
    if leftover:
        console.print(f"  It is {leftover}: what is left of it is deleted first, and created anew.")
    _confirm("Go on?", yes=yes)
    _print_outputs(deploying.deploy(deployment, say))


@app.command()
def diff(
    *,
    target: TargetOption = None,
    parameter: ParameterOption = None,
    environment: EnvironmentOption = "",
    profile: ProfileOption = None,
    region: RegionOption = None,
    stack: StackOption = "darkroom",
) -> None:
    """Say what `deploy` would change. Nothing is executed."""
    _enter(profile, region)
    deployment = _deployment(stack, environment, target, parameter)
    _introduce("Comparing", deployment.stack)
    found = _find(deployment.stack)
    exists, leftover = found.is_deployed(), found.leftover()
    parameters, changes = deploying.compare(deployment, say)
    if leftover:
        console.print(f"It is {leftover}: deploying deletes what is left of it, and creates:")
    elif not exists:
        console.print("It does not exist. This would be created:")
    if not parameters and not changes:
        console.print("Nothing would change.")
        return
    console.print(tables.changes(parameters, changes))
    if any(each.replacement != "False" for each in changes):
        console.print("± is replaced by a new one, and what it holds is not brought along.")


@app.command()
def outputs(
    *,
    environment: EnvironmentOption = "",
    profile: ProfileOption = None,
    region: RegionOption = None,
    stack: StackOption = "darkroom",
) -> None:
    """Print the stack's outputs: its URL, its buckets, its queues."""
    _enter(profile, region)
    name = deploying.stack_name(stack, environment)
    found = _find(name).outputs()
    if not found:
        raise UsageError(f"There is no stack named {name!r} in {_place()[0]}.")
    _print_outputs(found)


@app.command()
def destroy(
    *,
    environment: EnvironmentOption = "",
    profile: ProfileOption = None,
    region: RegionOption = None,
    yes: YesOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """Delete the stack with every picture and entry that it holds."""
    _enter(profile, region)
    name = deploying.stack_name(stack, environment)
    found = _find(name)
    exists = found.describe() is not None
    _introduce("Deleting", name)
    if exists:
        found.check_deletable()
    else:
        console.print("It does not exist; an interrupted deployment may have left artifacts.")
    _confirm("Delete it, and all pictures in it?", yes=yes)
    deploying.destroy(name, say)
    console.print(f"Stack {name} is gone." if exists else f"Nothing is left of stack {name}.")


def _enter(profile: str | None, region: str | None) -> None:
    """Let all of boto3 speak as that profile, in that region."""
    if profile or region:
        boto3.setup_default_session(profile_name=profile, region_name=region)


def _deployment(
    stack: str, environment: str, target: Target | None, parameters: list[str] | None
) -> deploying.Deployment:
    pairs = [each.partition("=") for each in parameters or []]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise UsageError(f"--param takes NAME=VALUE, not {wrong[0]!r}.")
    given = {name: value for name, _, value in pairs}
    return deploying.Deployment.to_environment(stack, environment, target, given)


def _find(name: str) -> Stack:
    return Stack(boto3.client("cloudformation"), name, say)


def _place() -> tuple[str, str]:
    """Where the commands go, and as whom."""
    meta = boto3.client("cloudformation").meta
    # By AWS_ENDPOINT_URL or by the profile's own setting.
    endpoint = meta.endpoint_url
    host = urlsplit(endpoint).hostname or ""
    where = "AWS" if host.endswith((".amazonaws.com", ".amazonaws.com.cn")) else endpoint
    caller = boto3.client("sts").get_caller_identity()
    return f"{where}, account {caller['Account']}, region {meta.region_name}", caller["Arn"]


def _introduce(doing: str, stack: str, *, protected: bool = False) -> None:
    """Say which stack of whose it is, before anything is touched."""
    place, caller = _place()
    console.print(f"{doing} stack [bold]{escape(stack)}[/]", highlight=False)
    console.print(f"  at  {escape(place)}", highlight=False, soft_wrap=True)
    console.print(f"  as  {escape(caller)}", highlight=False, soft_wrap=True)
    if protected:
        console.print("  protected: it can't be deleted, nor can what holds data be replaced")


def _confirm(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} There is nobody to ask: say --yes (with make, YES=1).")
    typer.confirm(question, abort=True)


def _print_outputs(outputs: dict[str, str]) -> None:
    for name, value in outputs.items():
        console.print(f"[bold]{name:<20}[/] {escape(value)}", soft_wrap=True)
