"""`darkroom show`: print the catalog entry of one image."""

import json

from darkroom.cloud import Cloud
from darkroom.commands.options import JsonOption, KeyArgument, StackOption
from darkroom.terminal.console import console
from darkroom.terminal.entries import entry_details


def show(key: KeyArgument, *, as_json: JsonOption = False, stack: StackOption = "darkroom") -> None:
    """Print the catalog entry of one image."""
    entry = Cloud.find(stack).entry(key)
    if as_json:
        console.print_json(json.dumps(entry), ensure_ascii=True)
    else:
        console.print(entry_details(entry))
