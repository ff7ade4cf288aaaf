"""`darkroom upload`: upload images and follow their processing."""

from pathlib import Path
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import RecipeOption, StackOption, TimeoutOption, check_files
from darkroom.operations.uploads import plan_uploads, upload_all
from darkroom.terminal.uploads import UploadBars, print_results


def upload(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="IMAGE", help="JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF or BMP files."
        ),
    ],
    prefix: Annotated[
        str, typer.Option(help="Prefix of the keys. A key is the prefix and the file name.")
    ] = "",
    recipe: RecipeOption = None,
    timeout: TimeoutOption = 60,
    stack: StackOption = "darkroom",
) -> None:
    """Upload images and wait until they are processed.

    Exits with 1 if an image is not done.
    """
    check_files(files)
    cloud = Cloud.find(stack)
    uploads = plan_uploads(files, prefix, recipe)
    with UploadBars(uploads) as bars:
        results = upload_all(cloud, uploads, bars, timeout)
    print_results(results)
