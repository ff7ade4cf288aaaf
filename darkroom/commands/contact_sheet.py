"""`darkroom contact-sheet`: render every operation of the engine on one photo."""

from pathlib import Path
from typing import Annotated

import typer

from darkroom.commands.options import OutOption, check_files
from darkroom.errors import CommandError
from darkroom.gallery.contact_sheet import make_sheet
from darkroom.terminal.console import console, error_console
from localstack_init.build import PROJECT
from processor.images import ImageError

SAMPLE = PROJECT / "samples" / "raccoon.jpg"


def contact_sheet(
    out: OutOption,
    photo: Annotated[
        Path,
        typer.Argument(metavar="PHOTO", help="Photo to render.", show_default="a sample photo"),
    ] = SAMPLE,
) -> None:
    """Render every operation of the engine on one photo, as a Markdown page with its images.

    Exits with 1 if an operation fails.
    """
    check_files([photo])
    if out.exists() and not out.is_dir():
        raise CommandError(f"Not a folder: {out}")
    try:
        failures = make_sheet(photo, out, console)
    except ImageError as error:
        raise CommandError(f"{photo}: {error.message}") from error
    for title, reason in failures.items():
        error_console.print(f"{title}: {reason}", markup=False, soft_wrap=True)
    console.print(f"The page is {out / 'README.md'}.", markup=False, soft_wrap=True)
    if failures:
        raise typer.Exit(1)
