"""`darkroom attach`: write the environment variables of an emulator that `up` has not started."""

from darkroom.emulator.modes import running_emulators
from darkroom.emulator.work_folder import work_folder, write_exports
from darkroom.errors import EmulatorError


def attach() -> None:
    """Write the environment variables of a running emulator, such as of `docker compose up`."""
    for _, endpoint in running_emulators():
        write_exports(work_folder(), endpoint)
        return
    raise EmulatorError("No emulator is running. Run `make up`.")
