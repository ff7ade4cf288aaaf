"""The checkout that a ``darkroom`` program was installed in."""

import sys
from pathlib import Path

MARK = Path(".darkroom", "checkout")
"""In a checkout: holds the path that it was installed at. The Makefile writes it."""


class CopiedError(Exception):
    """The program was copied or moved from where it was installed. Says what to do."""


def check() -> None:
    """Raise ``CopiedError`` if this program lies in another checkout than the one that it runs.

    A script and an editable install hold absolute paths: a copy of them runs the original's code,
    which acts on the original's work folder.
    """
    environment = Path(sys.prefix).resolve()
    called = Path(sys.argv[0]).resolve()
    scripts = called.parent
    is_script = called.name == "darkroom" and (scripts.parent / "pyvenv.cfg").exists()
    if is_script and scripts.parent != environment:
        raise _copied(scripts.parents[1], environment.parent)
    mark = environment.parent / MARK
    if mark.exists() and (installed := Path(mark.read_text().strip())) != environment.parent:
        raise _copied(environment.parent, installed)


def _copied(here: Path, installed: Path) -> CopiedError:
    return CopiedError(
        f"The checkout in {here} was copied from {installed}, and is not installed: this program "
        f"would act on {installed}. `make -C {here} install` installs it."
    )
