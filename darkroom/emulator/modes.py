"""The two ways in which the emulator runs on this machine, and which of them it is."""

from collections.abc import Iterator
from typing import Literal

from darkroom.emulator.compose import ComposeEmulator, engine_answers
from darkroom.emulator.instance import Endpoint
from darkroom.emulator.native import NativeEmulator

Mode = Literal["docker", "native"]


def running_emulators() -> Iterator[tuple[Mode, Endpoint]]:
    """What runs: one or none, unless something went wrong."""
    for process in NativeEmulator().running():
        yield "native", process
    if engine_answers():
        for container in ComposeEmulator().running():
            yield "docker", container


def choose_mode(wanted: Mode | None) -> Mode:
    """The wanted one; else the one that runs; else a container where an engine answers."""
    if wanted:
        return wanted
    for mode, _ in running_emulators():
        return mode
    return "docker" if engine_answers() else "native"
