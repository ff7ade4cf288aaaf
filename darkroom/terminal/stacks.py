"""Stacks in the terminal: which one a command acts on, the confirmation, and the outputs."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import typer

from darkroom.errors import CommandError
from darkroom.terminal.console import console
from darkroom.terminal.escape import escape

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_sts import STSClient


def print_target(action: str, stack: str, *, protected: bool = False) -> None:
    """Print the stack, the account and the caller, before anything changes."""
    place, caller = account_of(boto3.client("cloudformation"), boto3.client("sts"))
    console.print(f"{action} stack [bold]{escape(stack)}[/]", highlight=False)
    console.print(f"  at  {escape(place)}", highlight=False, soft_wrap=True)
    console.print(f"  as  {escape(caller)}", highlight=False, soft_wrap=True)
    if protected:
        console.print("  protected: the stack and its data stores cannot be deleted or replaced")


def account_of(cloudformation: "CloudFormationClient", sts: "STSClient") -> tuple[str, str]:
    """Return the endpoint with account and region, and the caller's ARN."""
    endpoint = cloudformation.meta.endpoint_url  # of AWS_ENDPOINT_URL, or of the profile
    host = urlsplit(endpoint).hostname or ""
    place = "AWS" if host.endswith((".amazonaws.com", ".amazonaws.com.cn")) else endpoint
    caller = sts.get_caller_identity()
    region = cloudformation.meta.region_name
    return f"{place}, account {caller['Account']}, region {region}", caller["Arn"]


def confirm(question: str, *, yes: bool) -> None:
    """Ask, unless ``yes``; exits with 1 after a no. Raises ``CommandError`` without a terminal."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(
            "The command asks for confirmation, but standard input is not a terminal. Add --yes "
            "(with make: YES=1)."
        )
    typer.confirm(question, abort=True)


def print_outputs(outputs: Mapping[str, str]) -> None:
    """Print the name and the value of each output."""
    for name, value in outputs.items():
        console.print(f"[bold]{name:<20}[/] {escape(value)}", soft_wrap=True)
