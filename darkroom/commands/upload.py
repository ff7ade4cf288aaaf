"""`darkroom upload`: upload images and folders, and follow the processing."""

from pathlib import Path
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import RecipeOption, StackOption, TimeoutOption
from darkroom.errors import CommandError
from darkroom.operations.folders import find_images
from darkroom.operations.uploads import plan_uploads, upload_all
from darkroom.terminal.uploads import UploadBars, print_results, print_skipped


def upload(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="JPEG, PNG, WebP, AVIF, HEIC, GIF, TIFF or BMP files, and folders of such files.",
        ),
    ],
    prefix: Annotated[
        str,
        typer.Option(
            help="Prefix of the keys. A key is the prefix and the file name, or the path below the "
            "given folder."
        ),
    ] = "",
    recipe: RecipeOption = None,
    timeout: TimeoutOption = 60,
    stack: StackOption = "darkroom",
) -> None:
    """Upload images and wait until they are processed.

    Of a folder, it uploads the images, nested folders included, and prints what it skipped and why.
    Exits with 1 if an image is not done.
    """
    found = find_images(paths)
    print_skipped(found.skipped)
    if not found.files:
        raise CommandError("The folder has no images. Choose another folder.")
    uploads = plan_uploads(found.files, prefix, recipe)
    cloud = Cloud.find(stack)
    with UploadBars(uploads) as bars:
        results = upload_all(cloud, uploads, bars, timeout)
    print_results(results)
