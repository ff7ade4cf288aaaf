"""`darkroom status`: print the emulator, the stack, the queue depths, and images by status."""

import os
from collections import Counter
from itertools import islice

from darkroom.cloud import Cloud
from darkroom.commands.options import StackOption
from darkroom.emulator.modes import running_emulators
from darkroom.terminal.console import console
from darkroom.terminal.entries import COLORS
from darkroom.terminal.stacks import print_outputs

MOST_COUNTED = 1000


def status(stack: StackOption = "darkroom") -> None:
    """Print the stack's outputs, the queue depths, and the number of images by status."""
    for mode, emulator in running_emulators():
        console.print(f"Emulator: {emulator.url} (MODE={mode})")
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    console.print(f"Endpoint of the commands: {endpoint or 'AWS'}")
    cloud = Cloud.find(stack)
    print_outputs(cloud.outputs)
    depths = cloud.queue_depths()
    depth = ", ".join(f"{count} {state}" for state, count in depths.items())
    console.print(
        f"Queue: {depth}" + (" (`darkroom dead` lists the reasons)" if depths["dead"] else "")
    )
    entries = islice(cloud.catalog.newest_first(), MOST_COUNTED)
    counts: Counter[str] = Counter(each["status"] for each in entries)
    # The newest entries contain no deleted ones.
    listed = ", ".join(
        f"[{color}]{counts[name]} {name}[/]" for name, color in COLORS.items() if name != "deleted"
    )
    limit = f" (of the newest {MOST_COUNTED})" if counts.total() == MOST_COUNTED else ""
    console.print(f"Catalog: {listed}{limit}")
