"""`darkroom dev`: deploy each saved change of this checkout to the emulator."""

from contextlib import nullcontext
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import ModeOption, PersistOption, StackOption
from darkroom.commands.up import up
from darkroom.dev import debugger
from darkroom.dev.log_follower import followed_logs
from darkroom.dev.loop import Loop
from darkroom.dev.template_check import TemplateCheck
from darkroom.emulator.endpoint import Endpoint
from darkroom.emulator.modes import choose_mode, emulator_of, running_emulators
from darkroom.terminal.console import console, print_line
from darkroom.terminal.signals import interrupt_on_signals

DEFAULT_PORT = 4566


def dev(
    *,
    port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65535,
            help="Port of the emulator. Default: that of the running emulator; else 4566.",
        ),
    ] = None,
    mode: ModeOption = None,
    debug: Annotated[
        bool,
        typer.Option("--debug", envvar="DEBUG", help="Run the functions with debugpy, for IDEs."),
    ] = False,
    logs: Annotated[bool, typer.Option(help="Print the functions' logs.")] = True,
    stack: StackOption = "darkroom",
    persist: PersistOption = True,
) -> None:
    """Start the emulator, and deploy each saved change of this checkout to it.

    An emulator that is already running is used. The command runs until Ctrl-C, and the emulator
    keeps running afterwards.
    """
    running = dict(running_emulators())
    if debug:
        for each in running:
            debugger.check_running(each)
        debugger.check_ports(stack, next(iter(running), None))
        debugger.enable(stack)
    chosen = choose_mode(mode)
    known = running.get(chosen)
    endpoint = Endpoint(port or (known.port if known else DEFAULT_PORT))
    up(endpoint.port, chosen, stack, persist=persist)
    emulator = emulator_of(chosen, stack, persist=persist)
    cloud = Cloud.find(stack)

    def start_functions() -> None:
        if debug:
            debugger.start_functions(stack)

    console.print()
    start_functions()
    if debug:
        console.print(
            f"Debuggers can attach at {debugger.addresses(stack)}.\n"
            "docs/how-to/debug-a-function.md has the settings of IDEs.",
            soft_wrap=True,
            highlight=False,
        )
    loop = Loop(
        cloud,
        TemplateCheck(stack),
        lambda: emulator.deploy(endpoint, stack, print_line),
        console,
        start_functions,
    )
    interrupt_on_signals()  # the loop then restores the page, however it ends
    try:
        with followed_logs(stack) if logs else nullcontext():
            loop.run()
    except KeyboardInterrupt:
        console.print("\nThe emulator is still running. To stop it, run `make down`.")
