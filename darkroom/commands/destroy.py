"""`darkroom destroy`: delete a stack with its data."""

import boto3

from darkroom.commands.options import (
    EnvironmentOption,
    ProfileOption,
    RegionOption,
    StackOption,
    YesOption,
    use_profile,
)
from darkroom.terminal.console import console, print_line
from darkroom.terminal.stacks import confirm, print_target
from localstack_init import deploy as deployer
from localstack_init.stack import Stack


def destroy(
    *,
    environment: EnvironmentOption = "",
    profile: ProfileOption = None,
    region: RegionOption = None,
    yes: YesOption = False,
    stack: StackOption = "darkroom",
) -> None:
    """Delete the stack with all its images and catalog entries.

    Prints the account, the Region and the caller, and asks for confirmation.
    """
    use_profile(profile, region)
    name = deployer.stack_name(stack, environment)
    found = Stack(boto3.client("cloudformation"), name, print_line)
    exists = found.describe() is not None
    print_target("Deleting", name)
    if exists:
        found.check_deletable()
    else:
        console.print(
            "The stack does not exist. An interrupted deployment may have left artifacts."
        )
    confirm("Delete it, with all its images?", yes=yes)
    deployer.destroy(name, print_line)
    console.print(f"Deleted stack {name}." if exists else f"Nothing is left of stack {name}.")
