"""`darkroom deploy`: create or update a stack."""

from dataclasses import replace
from typing import Annotated

import boto3
import typer

from darkroom.commands.options import (
    EnvironmentOption,
    ParameterOption,
    ProfileOption,
    RegionOption,
    StackOption,
    TargetOption,
    YesOption,
    parameters_of,
    use_profile,
)
from darkroom.terminal.console import console, print_line
from darkroom.terminal.stacks import confirm, print_outputs, print_target
from localstack_init import deploy as deployer
from localstack_init.stack import Stack


def deploy(
    *,
    target: TargetOption = None,
    parameter: ParameterOption = None,
    environment: EnvironmentOption = "",
    profile: ProfileOption = None,
    region: RegionOption = None,
    monitor: Annotated[
        int,
        typer.Option(
            "--monitor",
            min=0,
            max=180,
            help="Minutes after an update in which an alarm of the stack rolls it back. "
            "Default: no alarm does.",
        ),
    ] = 0,
    yes: YesOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """Create or update the stack at the endpoint in AWS_ENDPOINT_URL, or on AWS if it is not set.

    Prints the account, the Region and the caller, asks for confirmation, and prints each event.
    """
    use_profile(profile, region)
    parameters = parameters_of(parameter)
    deployment = replace(
        deployer.Deployment.to_environment(stack, environment, target, parameters),
        monitoring_minutes=monitor,
    )
    current = Stack(boto3.client("cloudformation"), deployment.stack, print_line)
    leftover = current.leftover()
    action = "Updating" if current.is_deployed() else "Creating"
    print_target(action, deployment.stack, protected=deployment.protected)
    if leftover:
        console.print(f"  The stack is {leftover}. It is deleted and created again.")
    confirm("Continue?", yes=yes)
    print_outputs(deployer.deploy(deployment, print_line))
