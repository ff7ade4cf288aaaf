"""`darkroom diff`: print what `deploy` would change."""

import boto3

from darkroom.commands.options import (
    EnvironmentOption,
    ParameterOption,
    ProfileOption,
    RegionOption,
    StackOption,
    TargetOption,
    parameters_of,
    use_profile,
)
from darkroom.terminal.changes import change_table
from darkroom.terminal.console import console, print_line
from darkroom.terminal.stacks import print_target
from localstack_init import deploy as deployer
from localstack_init.stack import Stack


def diff(
    *,
    target: TargetOption = None,
    parameter: ParameterOption = None,
    environment: EnvironmentOption = "",
    profile: ProfileOption = None,
    region: RegionOption = None,
    stack: StackOption = "darkroom",
) -> None:
    """Print what `deploy` would change, without changing it."""
    use_profile(profile, region)
    given = parameters_of(parameter)
    deployment = deployer.Deployment.to_environment(stack, environment, target, given)
    print_target("Comparing", deployment.stack)
    current = Stack(boto3.client("cloudformation"), deployment.stack, print_line)
    exists, leftover = current.is_deployed(), current.leftover()
    parameters, changes = deployer.compare(deployment, print_line)
    if leftover:
        console.print(f"The stack is {leftover}. Deploying would delete it and create:")
    elif not exists:
        console.print("The stack does not exist. Deploying would create:")
    if not parameters and not changes:
        console.print("Nothing would change.")
        return
    console.print(change_table(parameters, changes))
    if any(each.replacement != "False" for each in changes):
        console.print("± is a replacement: a new resource, without the data of the old one.")
