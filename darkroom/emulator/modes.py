"""The emulator's two modes: a container (``docker``) and a plain process (``native``)."""

from collections.abc import Iterator
from typing import Literal

from darkroom.emulator.compose import ComposeEmulator, has_engine
from darkroom.emulator.endpoint import Endpoint
from darkroom.emulator.native import NativeEmulator
from darkroom.emulator.work_folder import exports_file, work_folder
from localstack_init.build import IS_CHECKOUT

Mode = Literal["docker", "native"]


def running_emulators() -> Iterator[tuple[Mode, Endpoint]]:
    """Yield the emulators of this checkout that run: at most one, except after a fault."""
    if not IS_CHECKOUT:
        return
    for process in NativeEmulator().running():
        yield "native", process
    if has_engine():
        for container in ComposeEmulator().running():
            yield "docker", container


def choose_mode(requested: Mode | None) -> Mode:
    """Return the requested mode; else that of the running emulator; else what is available."""
    if requested:
        return requested
    for mode, _ in running_emulators():
        return mode
    return "docker" if has_engine() else "native"


def emulator_of(mode: Mode, stack: str, *, persist: bool) -> ComposeEmulator | NativeEmulator:
    """Return the emulator that runs in a mode."""
    return ComposeEmulator(stack, persist) if mode == "docker" else NativeEmulator(persist=persist)


def stop_emulators(
    mode: Mode | None, *, delete_volume: bool = False, delete_image: bool = False
) -> bool:
    """Stop the emulators of a mode, or of both; returns whether one ran."""
    stopped = mode != "docker" and NativeEmulator().stop()
    if mode != "native" and has_engine():
        emulator = ComposeEmulator()
        stopped |= emulator.stop(delete_volume=delete_volume, delete_image=delete_image)
    exports_file(work_folder()).unlink(missing_ok=True)
    return stopped
