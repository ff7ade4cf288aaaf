"""`darkroom demo`: process the sample photos."""

from pathlib import Path
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import StackOption, TimeoutOption
from darkroom.operations.uploads import plan_uploads, upload_all
from darkroom.terminal.console import console
from darkroom.terminal.uploads import UploadBars, print_results
from localstack_init.build import PROJECT
from localstack_init.site import page_address

IMAGES = {".jpg", ".jpeg", ".png", ".webp"}


def demo(
    folder: Annotated[Path, typer.Option("--out", help="Folder for the renditions.")] = Path(
        "demo-output"
    ),
    timeout: TimeoutOption = 60,
    stack: StackOption = "darkroom",
) -> None:
    """Process the sample photos and save their renditions.

    Exits with 1 if a photo is not done.
    """
    samples = sorted(file for file in (PROJECT / "samples").iterdir() if file.suffix in IMAGES)
    cloud = Cloud.find(stack)
    uploads = plan_uploads(((file, file.name) for file in samples), "demo/")
    with UploadBars(uploads) as bars:
        results = upload_all(cloud, uploads, bars, timeout)
    saved = sum(len(list(cloud.download(each.entry, folder))) for each in results if each.entry)
    print_results(results)
    console.print(
        f"\nSaved {saved} renditions in [bold]{folder}/[/]. They are also on the demo page:\n"
        f"[bold]{page_address(cloud.outputs['SiteUrl'])}[/]",
        soft_wrap=True,
    )
