"""`darkroom down`: stop the emulator."""

from darkroom.commands.options import ModeOption
from darkroom.emulator.compose import ComposeEmulator
from darkroom.emulator.modes import running_emulators, stop_emulators
from darkroom.emulator.native import EmulatorProcess, NativeEmulator
from darkroom.emulator.work_folder import emulator_lock, work_folder
from darkroom.terminal.console import console, print_line
from darkroom.terminal.units import short_path


def down(mode: ModeOption = None) -> None:
    """Stop the emulator.

    The emulator saves a snapshot, which the next `up` restores. An emulator that was started with
    PERSIST=0 deletes its state instead.
    """
    emulator = NativeEmulator()
    with emulator_lock(work_folder()):
        persists = {
            each: running.persists()
            if isinstance(running, EmulatorProcess)
            else ComposeEmulator().persists()
            for each, running in running_emulators()
            if mode in {None, each}
        }
        before = emulator.snapshot_time()
        stopped = stop_emulators(mode)
    console.print("The emulator is stopped." if stopped else "No emulator was running.")
    folder = short_path(emulator.state)
    advice = "`make up` restores it, `make reset` deletes it."
    if False in persists.values():
        print_line("It was started with PERSIST=0, so its state is deleted.")
    if persists.get("docker"):
        print_line(f"Its snapshot is in the container's volume: {advice}")
    after = emulator.snapshot_time()
    if persists.get("native") and after != before:
        print_line(f"Its snapshot is in {folder}: {advice}")
        return
    if persists.get("native"):
        print_line(f"No snapshot was saved. {short_path(emulator.log)} has the reason.")
    if after is not None:
        print_line(f"An earlier snapshot is in {folder}: {advice}")
