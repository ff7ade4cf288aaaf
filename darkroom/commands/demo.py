"""`darkroom demo`: process the sample photographs."""

from pathlib import Path
from typing import Annotated

import typer

from darkroom.cloud import Cloud
from darkroom.commands.options import PatienceOption, StackOption
from darkroom.operations.uploads import plan_uploads, upload_all
from darkroom.terminal.console import console
from darkroom.terminal.uploads import UploadBars, print_results
from localstack_init.build import PROJECT
from localstack_init.site import page_address

IMAGES = {".jpg", ".jpeg", ".png", ".webp"}


def demo(
    folder: Annotated[Path, typer.Option("--out", help="Folder to save the renditions in.")] = Path(
        "demo-output"
    ),
    patience: PatienceOption = 60,
    stack: StackOption = "darkroom",
) -> None:
    """Process the sample photographs and save their renditions."""
    samples = sorted(file for file in (PROJECT / "samples").iterdir() if file.suffix in IMAGES)
    cloud = Cloud.find(stack)
    uploads = plan_uploads(samples, "demo/")
    with UploadBars(uploads) as bars:
        results = upload_all(cloud, uploads, bars, patience)
    saved = sum(len(list(cloud.download(each.entry, folder))) for each in results if each.entry)
    print_results(results)
    console.print(
        f"\nSaved {saved} renditions in [bold]{folder}/[/]. The demo page shows them too:\n"
        f"[bold]{page_address(cloud.outputs['SiteUrl'])}[/]",
        soft_wrap=True,
    )
