"""`darkroom permissions`: list who may do what in the stack, and which flow proves it."""

import json

import typer

from darkroom.commands.options import JsonOption
from darkroom.terminal.console import console
from darkroom.terminal.permissions import permission_json, permission_table
from localstack_init.permissions import permissions as packaged


def permissions(*, as_json: JsonOption = False) -> None:
    """List the permissions of the stack's roles and resource policies, without a stack.

    Each has the reason for it, and the flow of the tests that fails without it. A permission that
    only AWS needs has no flow, and says what for.
    """
    found = packaged()
    if as_json:
        typer.echo(json.dumps([permission_json(each) for each in found], indent=2))
    else:
        console.print(permission_table(found))
