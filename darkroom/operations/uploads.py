"""Put files through the pipeline and watch each to its outcome."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from darkroom.cloud import Cloud
from darkroom.terminal import tables
from processor.catalog.entries import Entry

POLL_SECONDS = 0.05
PARALLEL_UPLOADS = 4


@dataclass(frozen=True, slots=True)
class Upload:
    """A file and the key that it is to have in the raw bucket."""

    file: Path
    key: str
    recipe: str | None = None
    """The recipe to ask for by name; None leaves it to the pipeline."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an upload."""

    upload: Upload
    entry: Entry | None
    """The catalog entry at its end; None where there was none within the patience."""
    seconds: float
    """From the end of the upload to the end of the processing, as seen from here."""


def process(
    cloud: Cloud, uploads: Sequence[Upload], console: Console, patience: float
) -> list[Outcome]:
    """Upload all files, a few at a time, and wait up to ``patience`` seconds for each outcome."""
    with (
        Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            DownloadColumn(),
            TextColumn("{task.fields[state]}"),
            console=console,
        ) as progress,
        ThreadPoolExecutor(PARALLEL_UPLOADS) as pool,
    ):
        futures: list[Future[Outcome]] = [
            pool.submit(
                _follow,
                cloud,
                upload,
                progress,
                progress.add_task(
                    escape(upload.key), total=upload.file.stat().st_size, state="[dim]waiting"
                ),
                patience,
            )
            for upload in uploads
        ]
        return [future.result() for future in futures]


def _follow(
    cloud: Cloud, upload: Upload, progress: Progress, task: TaskID, patience: float
) -> Outcome:
    # The same key may hold an older picture: its outcome is not the one to wait for.
    before = cloud.catalog.get(upload.key)
    progress.update(task, state="[cyan]uploading")
    cloud.upload(
        upload.file, upload.key, lambda count: progress.advance(task, count), upload.recipe
    )
    progress.update(task, state="[cyan]queued")
    started = time.monotonic()
    while (seconds := time.monotonic() - started) < patience:
        entry = cloud.catalog.get(upload.key)
        if entry and (before is None or entry["sequencer"] != before["sequencer"]):
            if entry["status"] != "processing":
                progress.update(task, state=f"{tables.status(entry)} in {seconds:.2f} s")
                return Outcome(upload, entry, seconds)
            progress.update(task, state="[cyan]processing")
        time.sleep(POLL_SECONDS)
    progress.update(task, state=f"[red]no outcome after {seconds:.0f} s")
    return Outcome(upload, None, seconds)
