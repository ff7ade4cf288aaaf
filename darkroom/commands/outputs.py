"""`darkroom outputs`: print a stack's outputs."""

import boto3

from darkroom.commands.options import (
    EnvironmentOption,
    ProfileOption,
    RegionOption,
    StackOption,
    use_profile,
)
from darkroom.errors import CommandError
from darkroom.terminal.console import print_line
from darkroom.terminal.stacks import account_of, print_outputs
from localstack_init import deploy as deployer
from localstack_init.stack import Stack


def outputs(
    *,
    environment: EnvironmentOption = "",
    profile: ProfileOption = None,
    region: RegionOption = None,
    stack: StackOption = "darkroom",
) -> None:
    """Print the stack's outputs, such as its URL, buckets and queues."""
    use_profile(profile, region)
    name = deployer.stack_name(stack, environment)
    cloudformation = boto3.client("cloudformation")
    found = Stack(cloudformation, name, print_line).outputs()
    if not found:
        place, _ = account_of(cloudformation, boto3.client("sts"))
        raise CommandError(f"There is no stack named {name!r} in {place}.")
    print_outputs(found)
