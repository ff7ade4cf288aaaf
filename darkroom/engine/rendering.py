"""Rendering of files on this machine, without a cloud."""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from darkroom.engine.recipe_files import Found
from darkroom.errors import CommandError
from darkroom.operations.uploads import Upload, UploadResult
from darkroom.terminal.escape import on_one_line
from processor.catalog.entries import Entry
from processor.images import (
    Encoded,
    ImageError,
    Limits,
    Rendered,
    WatermarkImages,
    open_source,
    render,
)

MEMORY = 1769
"""The function's memory in megabytes (``FunctionMemory`` in template.yaml): the limits here are
those of the deployed pipeline."""


def render_files(
    photos: Sequence[Path], found: Found, out: Path, console: Console
) -> list[UploadResult]:
    """Render each photograph to ``out/<its name>/<rendition>.<extension>``.

    A photograph that cannot be rendered leaves no file and does not stop the others.
    """
    check_folders(photos, out)
    watermark_images = WatermarkImages(found.read_watermark_image)
    results = []
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[photo]}", style="cyan", markup=False),
        TextColumn("{task.fields[state]}"),
        console=console,
    ) as progress:
        task = progress.add_task("Rendering", total=len(photos), photo="", state="")
        since = time.perf_counter()
        for photo in photos:
            progress.update(task, photo=on_one_line(photo.name))
            results.append(_render_file(photo, found, watermark_images, out))
            progress.advance(task)
        seconds = time.perf_counter() - since
        progress.update(task, photo="", state=f"[green]done[/] in {seconds:.2f} s")
    return results


def check_folders(photos: Sequence[Path], out: Path) -> None:
    """Raise ``CommandError`` if two photographs share a name, or a file has an output's name."""
    names = [photo.name for photo in photos]
    if duplicates := {name for name in names if names.count(name) > 1}:
        raise CommandError(
            f"Two files are named {min(duplicates)!r}. Render them into different folders."
        )
    for folder in (*reversed(out.parents), out, *(out / name for name in names)):
        if folder.exists() and not folder.is_dir():
            raise CommandError(
                f"The renditions cannot be saved in {folder}/, because it is a file. "
                "Choose another folder with --out."
            )


def _render_file(
    photo: Path, found: Found, watermark_images: WatermarkImages, out: Path
) -> UploadResult:
    started = time.perf_counter()
    upload = Upload(photo, photo.name)
    entry: Entry = {"filename": photo.name, "status": "failed"}
    limits = Limits.within(MEMORY)
    try:
        entry["size"] = photo.stat().st_size
        limits.check_bytes(entry["size"])
        source = open_source(photo.read_bytes(), limits)
        rendered = render(source, found.recipe, limits, watermark_images)
    except ImageError as error:
        entry["error"] = {"code": error.code, "message": error.message}
    except OSError as error:
        entry["error"] = {"code": "unreadable", "message": str(error)}
    else:
        entry |= described(rendered, save(rendered.renditions, out / photo.name))
    return UploadResult(upload, entry, time.perf_counter() - started)


def described(rendered: Rendered, files: Sequence[Path]) -> Entry:
    """Return the fields of a catalog entry; the keys are paths."""
    fields = {
        **rendered.facts,
        "status": "done",
        "analysis": msgspec.to_builtins(rendered.analysis),
        "renditions": [
            {
                "name": each.name,
                "key": str(file),
                "width": each.width,
                "height": each.height,
                "bytes": len(each.data),
                "type": each.content_type,
                "ms": each.milliseconds,
                # As S3 computes it.
                "etag": hashlib.md5(each.data, usedforsecurity=False).hexdigest(),
            }
            for each, file in zip(rendered.renditions, files, strict=True)
        ],
        "timings": {"decode": rendered.decode_milliseconds},
    }
    return cast("Entry", fields)


def save(renditions: Sequence[Encoded], folder: Path) -> list[Path]:
    """Write all renditions to a folder, or none: they are moved there after the last is written."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".darkroom-", dir=folder.parent))
    try:
        names = [f"{each.name}.{each.extension}" for each in renditions]
        for name, each in zip(names, renditions, strict=True):
            (unfinished / name).write_bytes(each.data)
        folder.mkdir(exist_ok=True)
        for name in names:
            (unfinished / name).replace(folder / name)
    finally:
        shutil.rmtree(unfinished)
    return [folder / name for name in names]
