"""Pictures: put them through the pipeline, and see what came out."""

import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from darkroom.cloud import Cloud
from darkroom.commands.common import (
    KeyArgument,
    PatienceOption,
    StackOption,
    UsageError,
    check_files,
    conclude,
    console,
    errors,
)
from darkroom.engine import recipe_files
from darkroom.operations.repair import find_original, settled
from darkroom.operations.uploads import Upload, process
from darkroom.terminal import tables
from localstack_init.build import PROJECT
from localstack_init.site import page_address
from processor.catalog.entries import Entry
from processor.storage.renditions import Renditions

PICTURES = {".jpg", ".jpeg", ".png", ".webp"}

app = typer.Typer()


@app.command()
def upload(
    files: Annotated[list[Path], typer.Argument(help="Pictures, in any format.")],
    prefix: Annotated[str, typer.Option(help="Put before each file's name.")] = "",
    recipe: Annotated[
        str | None, typer.Option(help="Name of the recipe; `darkroom recipes` lists them.")
    ] = None,
    patience: PatienceOption = 60,
    stack: StackOption = "darkroom",
) -> None:
    """Upload pictures and watch them until they are processed."""
    check_files(files)
    if recipe is not None:
        recipe_files.named(recipe)
    results = process(Cloud.find(stack), _uploads(files, prefix, recipe), console, patience)
    conclude(results)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--out", help="Where the renditions are saved.")] = Path(
        "demo-output"
    ),
    patience: PatienceOption = 60,
    stack: StackOption = "darkroom",
) -> None:
    """Put the sample photographs through the pipeline and save what comes out."""
    samples = sorted(file for file in (PROJECT / "samples").iterdir() if file.suffix in PICTURES)
    cloud = Cloud.find(stack)
    results = process(cloud, _uploads(samples, "demo/"), console, patience)
    saved = 0
    for result in results:
        if result.entry:
            saved += len(list(cloud.download(result.entry, folder)))
    conclude(results)
    console.print(
        f"\n{saved} renditions are in [bold]{folder}/[/]. Look at them there, or on the page:\n"
        f"[bold]{page_address(cloud.outputs['SiteUrl'])}[/]",
        soft_wrap=True,
    )


@app.command("ls")
def list_entries(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most entries.")] = 20,
    stack: StackOption = "darkroom",
) -> None:
    """List the catalog, newest first."""
    entries = list(islice(Cloud.find(stack).catalog.newest_first(), limit))
    if entries:
        console.print(tables.listing(entries))
    else:
        console.print("The catalog is empty. `darkroom upload PHOTO…` or `make demo` fills it.")


@app.command()
def show(
    key: KeyArgument,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the entry as JSON.")] = False,
    stack: StackOption = "darkroom",
) -> None:
    """Show all that the catalog knows of one picture."""
    entry = _entry(Cloud.find(stack), key)
    if as_json:
        console.print_json(json.dumps(entry))
    else:
        console.print(tables.details(entry))


@app.command()
def get(
    key: KeyArgument,
    folder: Annotated[Path, typer.Argument(help="Where to put the renditions.")],
    stack: StackOption = "darkroom",
) -> None:
    """Fetch the renditions of one picture."""
    cloud = Cloud.find(stack)
    entry = _entry(cloud, key)
    if not entry.get("renditions"):
        raise UsageError(f"{key!r} has no renditions: its status is {entry['status']}.")
    for rendition, file in cloud.download(entry, folder):
        console.print(f"{rendition['bytes']:>11,}  {escape(str(file))}", soft_wrap=True)


@app.command("rm")
def remove(
    keys: Annotated[list[str], typer.Argument(metavar="KEY...", help="Keys of originals.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    patience: PatienceOption = 60,
    stack: StackOption = "darkroom",
) -> None:
    """Delete originals, and watch until their renditions are gone."""
    cloud = Cloud.find(stack)
    keys = list(dict.fromkeys(keys))
    for key in keys:
        if find_original(cloud, key) is None:
            raise UsageError(
                f"There is no original {key!r}; nothing was deleted. `darkroom ls` lists what "
                "there is, `darkroom check` what has lost its original."
            )
    if not yes:
        what = repr(keys[0]) if len(keys) == 1 else f"{len(keys)} originals"
        typer.confirm(f"Delete {what} and all renditions?", abort=True)
    entries = cloud.entries(keys)
    for key in keys:
        cloud.s3.delete_object(Bucket=cloud.outputs["RawBucket"], Key=key)
    after = {key: entries[key]["sequencer"] if key in entries else "" for key in keys}
    renditions = Renditions(cloud.s3, cloud.outputs["ProcessedBucket"])
    with console.status("Waiting until the renditions are gone"):
        for key, entry in settled(cloud, after, patience):
            left = len(list(renditions.list(key)))
            if entry["status"] == "deleted" and not left:
                del after[key]
                gone = len(entries.get(key, {}).get("renditions", []))
                console.print(f"{escape(key)}: deleted, with {gone} renditions.", soft_wrap=True)
            else:
                state = f"the entry says {entry['status']}, and {left} renditions are there"
                errors.print(f"{escape(key)}: {state}.", soft_wrap=True)
    if after:
        listed = ", ".join(map(repr, after))
        raise UsageError(
            f"Deleted, but not yet without renditions: {listed}. `darkroom show` and `darkroom "
            "check` tell more."
        )


def _uploads(files: Sequence[Path], prefix: str, recipe: str | None = None) -> list[Upload]:
    uploads = [Upload(file, prefix + file.name, recipe) for file in files]
    keys = [each.key for each in uploads]
    for each in uploads:
        try:
            each.key.encode()
        except UnicodeEncodeError:
            raise UsageError(
                f"The name {each.key!r} is not UTF-8, as S3 demands. Rename the file."
            ) from None
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise UsageError(f"Two files would share the key {twice.pop()!r}. Upload them apart.")
    return uploads


def _entry(cloud: Cloud, key: str) -> Entry:
    entry = cloud.catalog.get(key)
    if entry is None:
        raise UsageError(f"The catalog has no entry {key!r}. `darkroom ls` lists what there is.")
    return entry
