"""`darkroom watch`, against a deployed pipeline."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from darkroom.cloud import Cloud
from darkroom.watch.etag import PART_BYTES, etag
from processor.catalog.entries import Entry
from tests.speed import LIMIT

from .conftest import DARKROOM, SAMPLES, Run
from .waiting import wait_for

Watching = Callable[..., "Watched"]


class Watched:
    """The running command, and its output."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    def prints(self, *words: str) -> str:
        """Return the first line with all of these words, once there is one."""

        def found() -> str:
            assert self.process.poll() is None, self._log.read_text()
            lines = self._log.read_text().splitlines()
            return next((each for each in lines if all(word in each for word in words)), "")

        return wait_for(found)

    def end(self) -> str:
        """End it as Ctrl-C does; return its output."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(LIMIT) == 0, self._log.read_text()
        return self._log.read_text()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder."""
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


@pytest.fixture
def watching(cloud: Cloud, tmp_path: Path, folder: Path, prefix: str) -> Iterator[Watching]:
    """Yield a function that starts the command for that folder."""
    started: list[subprocess.Popen[bytes]] = []
    stack = cloud.outputs["ProcessFunction"].removesuffix("-process")

    def watch(*arguments: str | Path) -> Watched:
        log = tmp_path / f"watch-{len(started)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [DARKROOM, "watch", folder, f"--prefix={prefix}", *arguments],
                env={**os.environ, "DARKROOM_STACK": stack, "PYTHONUNBUFFERED": "1"},
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        started.append(process)
        return Watched(process, log)

    yield watch
    for each in started:
        if each.poll() is None:
            each.kill()
        each.wait()


def sequencers(cloud: Cloud, prefix: str) -> dict[str, str]:
    """Return the sequencers of all originals with that prefix: another one is another upload."""
    keys = [each.key for each in cloud.objects("RawBucket", prefix)]
    return {key: entry["sequencer"] for key, entry in cloud.entries(keys).items()}


def test_images_are_processed_and_saved(
    watching: Watching, folder: Path, prefix: str, cloud: Cloud
) -> None:
    """Existing and new files are processed under their paths; a bad file is reported and stops no
    other; an incomplete file waits until it has its final name.
    """
    raccoon = (SAMPLES / "raccoon.jpg").read_bytes()
    (folder / "there.jpg").write_bytes(raccoon)
    (folder / "bad.jpg").write_bytes(b"no image")
    out = folder / "out"
    watched = watching("--out", out)
    watched.prints("done", "there.jpg", "3 saved")
    watched.prints("failed", "bad.jpg", "The file is not")
    (folder / "below").mkdir()
    part = folder / "below" / "later.jpg.part"
    part.write_bytes(raccoon[:1000])
    (folder / "flower.jpg").write_bytes((SAMPLES / "flower.jpg").read_bytes())
    watched.prints("done", "flower.jpg")
    part.write_bytes(raccoon)
    part.rename(part.with_suffix(""))
    watched.prints("done", "below/later.jpg")
    output = watched.end()
    assert "Traceback" not in output
    assert ".part" not in output
    entry = cloud.catalog.get(f"{prefix}below/later.jpg")
    assert entry
    for rendition in entry["renditions"]:
        saved = out / prefix / "below" / "later.jpg" / Path(rendition["key"]).name
        assert saved.stat().st_size == rendition["bytes"]
    names = {key.removeprefix(prefix) for key in sequencers(cloud, prefix)}
    assert names == {"there.jpg", "bad.jpg", "flower.jpg", "below/later.jpg"}


def test_a_restart_uploads_nothing_twice(
    folder: Path, prefix: str, cloud: Cloud, run: Run, tmp_path: Path
) -> None:
    """A processed file is recognized by its content, also with a new time; a changed file is
    processed again, and renditions that were not saved are downloaded.
    """
    for name in ("raccoon.jpg", "flower.jpg", "earth.jpg"):
        (folder / name).write_bytes((SAMPLES / name).read_bytes())
    (folder / "bad.jpg").write_bytes(b"no image")
    arguments = ["watch", folder, f"--prefix={prefix}", "--once"]
    first = run(*arguments)
    assert first.stdout.count("done") == 3
    before = sequencers(cloud, prefix)

    os.utime(folder / "raccoon.jpg")
    (folder / "flower.jpg").write_bytes((SAMPLES / "mountains.jpg").read_bytes())
    again = run(*arguments, "--out", tmp_path / "out").stdout
    assert again.count("already processed: 3 renditions") == 2
    assert "failed   " in again
    after = sequencers(cloud, prefix)
    changed = {key.removeprefix(prefix) for key in after if after[key] != before[key]}
    assert changed == {"flower.jpg"}
    assert len(list((tmp_path / "out").rglob("*.webp"))) == 6
    assert run(*arguments, "--out", tmp_path / "out").stdout.count("saved") == 0


def test_deleting(watching: Watching, folder: Path, prefix: str, cloud: Cloud) -> None:
    """The original of a deleted file is kept, and deleted with --delete."""
    for name in ("keep.jpg", "drop.jpg"):
        (folder / name).write_bytes((SAMPLES / "raccoon.jpg").read_bytes())
    watched = watching()
    watched.prints("done", "keep.jpg")
    watched.prints("done", "drop.jpg")
    (folder / "keep.jpg").unlink()
    watched.prints("gone", "keep.jpg", "remains")
    watched.end()
    assert {f"{prefix}keep.jpg", f"{prefix}drop.jpg"} == sequencers(cloud, prefix).keys()

    watched = watching("--delete")
    watched.prints("done", "drop.jpg", "already processed")
    (folder / "drop.jpg").unlink()
    watched.prints("gone", "drop.jpg", "deleted, too")
    watched.end()

    def is_deleted() -> bool:
        entry: Entry | None = cloud.catalog.get(f"{prefix}drop.jpg")
        return entry is not None and entry["status"] == "deleted"

    wait_for(is_deleted)
    assert [each.key for each in cloud.objects("RawBucket", prefix)] == [f"{prefix}keep.jpg"]


@pytest.mark.parametrize("size", [0, 10, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1])
def test_the_etag_is_what_s3_says(cloud: Cloud, tmp_path: Path, prefix: str, size: int) -> None:
    """The computed ETag is that of an upload, in one part or in several."""
    file = tmp_path / "file"
    file.write_bytes(b"x" * size)
    cloud.upload(file, f"{prefix}file", lambda _: None)
    head: Any = cloud.s3.head_object(Bucket=cloud.outputs["RawBucket"], Key=f"{prefix}file")
    assert head["ETag"].strip('"') == etag(file)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["nowhere"], "Not a folder"), ([".", "--out", "."], "Use another folder")],
)
def test_wrong_folders(run: Run, arguments: list[str], message: str) -> None:
    """A missing folder, and one that is its own output, are rejected."""
    done = run("watch", *arguments)
    assert done.returncode == 1
    assert message in done.stderr
