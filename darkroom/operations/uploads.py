"""Uploads of files, each followed to its result in the catalog."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from darkroom.cloud import Cloud, key_name
from darkroom.errors import CommandError
from processor.catalog.entries import Entry

POLL_SECONDS = 0.05
PARALLEL_UPLOADS = 4


@dataclass(frozen=True, slots=True)
class Upload:
    """A file, and the key of its original."""

    file: Path
    key: str
    recipe: str | None = None
    """Name of a recipe; None leaves the choice to the pipeline."""


@dataclass(frozen=True, slots=True)
class UploadResult:
    """The result of an upload."""

    upload: Upload
    entry: Entry | None
    """The catalog entry; None if processing did not end in time."""
    seconds: float
    """From the end of the upload to the end of the processing, measured here."""


class UploadProgress(Protocol):
    """Receives the progress of uploads, from several threads."""

    def sent(self, upload: Upload, count: int) -> None:
        """More bytes were sent."""

    def reached(self, upload: Upload, state: str) -> None:
        """The upload is ``uploading``, ``queued`` or ``processing``."""

    def ended(self, result: UploadResult) -> None:
        """The upload has its result."""


def plan_uploads(
    files: Iterable[tuple[Path, str]], prefix: str, recipe: str | None = None
) -> list[Upload]:
    """Return an upload for each file and its name.

    Raises ``CommandError`` for names that S3 cannot hold.
    """
    uploads = [Upload(file, prefix + key_name(name), recipe) for file, name in files]
    keys = Counter(each.key for each in uploads)
    for key in keys:
        try:
            key.encode()
        except UnicodeEncodeError:
            raise CommandError(
                f"The name {key!r} is not UTF-8, which S3 requires. Rename the file."
            ) from None
    if duplicates := {key for key, count in keys.items() if count > 1}:
        raise CommandError(
            f"Two files would have the same key {min(duplicates)!r}. Upload them with different "
            "values of --prefix, or rename one."
        )
    return uploads


def upload_all(
    cloud: Cloud, uploads: Sequence[Upload], progress: UploadProgress, timeout: float
) -> list[UploadResult]:
    """Upload files, a few at a time, and wait up to ``timeout`` seconds for each result."""
    with ThreadPoolExecutor(PARALLEL_UPLOADS) as pool:
        return list(pool.map(lambda upload: _follow(cloud, upload, progress, timeout), uploads))


def _follow(cloud: Cloud, upload: Upload, progress: UploadProgress, timeout: float) -> UploadResult:
    # The key may have the entry of an earlier upload.
    before = cloud.catalog.get(upload.key)
    progress.reached(upload, "uploading")
    cloud.upload(upload.file, upload.key, lambda count: progress.sent(upload, count), upload.recipe)
    progress.reached(upload, "queued")
    started = time.monotonic()
    result = UploadResult(upload, None, timeout)
    while (seconds := time.monotonic() - started) < timeout:
        entry = cloud.catalog.get(upload.key)
        if entry and (before is None or entry["sequencer"] != before["sequencer"]):
            if entry["status"] != "processing":
                result = UploadResult(upload, entry, seconds)
                break
            progress.reached(upload, "processing")
        time.sleep(POLL_SECONDS)
    progress.ended(result)
    return result
