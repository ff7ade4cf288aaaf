"""The work folder: the emulator's files, readable by their owner only, and the lock on them."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from darkroom.emulator.endpoint import LOCAL, NO_PROXY, Endpoint
from localstack_init.build import PROJECT

DEFAULT_HOME = PROJECT / ".darkroom"

EXPORTS = """\
# Points AWS clients at the emulator, whatever account the shell is signed in to.
for name in $(env | sed -n 's/^\\(AWS_[A-Z0-9_]*\\)=.*/\\1/p'); do unset "$name"; done
"""


def work_folder() -> Path:
    """Return ``DARKROOM_HOME``; if unset, ``.darkroom/`` of the checkout."""
    return Path(os.environ.get("DARKROOM_HOME") or DEFAULT_HOME).absolute()


def create_work_folder(home: Path, default: Path = DEFAULT_HOME) -> None:
    """Create the work folder for its owner only; existing ones but the default keep their mode."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if home == default:
        home.chmod(0o700)


def create_private(path: Path) -> TextIO:
    """Open a file for writing that only its owner may read; an existing one is emptied."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "w")


def exports_file(home: Path) -> Path:
    """Return the path of the shell script that sets the emulator's environment variables."""
    return home / "emulator.env"


def write_exports(home: Path, endpoint: Endpoint) -> None:
    """Write the shell script that sets the emulator's environment variables."""
    lines = [f"export {name}={value}\n" for name, value in endpoint.environment().items()]
    # Added to the user's own, once.
    lines += [
        f'case "${{{name}:-}}" in {LOCAL}*) ;; '
        f'*) export {name}="{LOCAL}${{{name}:+,${name}}}" ;; esac\n'
        for name in NO_PROXY
    ]
    with create_private(exports_file(home)) as file:
        file.write(EXPORTS + "".join(lines))


@contextmanager
def emulator_lock(home: Path) -> Iterator[None]:
    """Wait until no other command starts or stops the emulator, and keep others waiting."""
    create_work_folder(home)
    with create_private(home / "emulator.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
