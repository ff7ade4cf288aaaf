"""Checks that a ``darkroom`` program runs in the checkout that its command needs."""

import sys
from collections.abc import Sequence
from pathlib import Path

from darkroom.errors import CommandError
from localstack_init.build import IS_CHECKOUT

INSTALLED_AT = Path(".darkroom", "checkout")
"""The file in a checkout that holds the path it was installed at. The Makefile writes it."""


def check(prefix: str = sys.prefix, arguments: Sequence[str] = sys.argv) -> None:
    """Raise ``CommandError`` if this program is a copy of one that another checkout installed.

    Scripts and editable installs hold absolute paths: a copy runs the code of the original, which
    acts on the work folder of the original.
    """
    environment = Path(prefix).resolve()
    program = Path(arguments[0]).resolve()
    scripts = program.parent
    is_script = program.name == "darkroom" and (scripts.parent / "pyvenv.cfg").exists()
    if is_script and scripts.parent != environment:
        raise _copied(scripts.parents[1], environment.parent)
    note = environment.parent / INSTALLED_AT
    if note.exists() and (installed := Path(note.read_text().strip())) != environment.parent:
        raise _copied(environment.parent, installed)


def require(command: str, *, is_checkout: bool = IS_CHECKOUT) -> None:
    """Raise ``CommandError`` if this program was installed as a package, without a checkout."""
    if not is_checkout:
        raise CommandError(
            f"`darkroom {command}` needs a checkout of Darkroom, which installs the emulator: "
            "clone the repository, and run `make up` in it."
        )


def _copied(here: Path, installed: Path) -> CommandError:
    return CommandError(
        f"The checkout in {here} was copied from {installed} and is not installed: this program "
        f"would act on {installed}. Run `make -C {here} install`."
    )
