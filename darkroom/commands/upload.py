"""`darkroom upload`: upload images and follow their processing."""

from pathlib import Path
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import PatienceOption, RecipeOption, StackOption, check_files
from darkroom.operations.uploads import plan_uploads, upload_all
from darkroom.terminal.uploads import UploadBars, print_results


def upload(
    files: Annotated[list[Path], typer.Argument(metavar="IMAGE", help="Images, in any format.")],
    prefix: Annotated[str, typer.Option(help="Prefix of the keys; the file names follow it.")] = "",
    recipe: RecipeOption = None,
    patience: PatienceOption = 60,
    stack: StackOption = "darkroom",
) -> None:
    """Upload images and wait until they are processed."""
    check_files(files)
    cloud = Cloud.find(stack)
    uploads = plan_uploads(files, prefix, recipe)
    with UploadBars(uploads) as bars:
        results = upload_all(cloud, uploads, bars, patience)
    print_results(results)
