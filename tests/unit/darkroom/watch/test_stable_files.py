"""When a file of a watched folder is stable."""

import os
from pathlib import Path

import pytest

from darkroom.watch.stable_files import (
    CLOSED_SECONDS,
    EMPTY_SECONDS,
    GONE_SECONDS,
    LONGEST_PAUSE,
    STABLE_SECONDS,
    StableFiles,
)


@pytest.fixture
def files(tmp_path: Path) -> StableFiles:
    """Return the stable files of the test's folder."""
    return StableFiles(tmp_path, (tmp_path / "out",))


def test_an_unchanged_file_becomes_stable(files: StableFiles, tmp_path: Path) -> None:
    """Each change restarts the time; a stable file is returned once."""
    file = tmp_path / "a.jpg"
    file.write_bytes(b"one")
    assert files.scan(0) == ([], [])
    assert files.is_pending()
    file.write_bytes(b"one, two")
    assert files.scan(STABLE_SECONDS) == ([], [])
    assert files.scan(STABLE_SECONDS * 1.5) == ([], [])
    assert files.scan(STABLE_SECONDS * 2) == ([file], [])
    assert not files.is_pending()
    assert files.scan(STABLE_SECONDS * 9) == ([], [])


def test_a_closed_file_is_stable_sooner(files: StableFiles, tmp_path: Path) -> None:
    """A file that its writer has closed is stable sooner, unless it is written again."""
    file = tmp_path / "a.jpg"
    file.write_bytes(b"one")
    files.scan(0, [file])
    assert files.scan(CLOSED_SECONDS) == ([file], [])
    file.write_bytes(b"one, two")
    files.scan(1)
    assert files.scan(1 + CLOSED_SECONDS) == ([], [])


@pytest.mark.parametrize("pause", [0.3, 1.0, LONGEST_PAUSE - 0.2])
@pytest.mark.parametrize("closes", [True, False])
def test_a_file_that_is_written_piece_by_piece(
    files: StableFiles, tmp_path: Path, *, pause: float, closes: bool
) -> None:
    """After a pause and growth, the file has to be unchanged for longer: it is returned at its end,
    and at most once before.
    """
    file = tmp_path / "a.jpg"
    returned: list[int] = []
    now, pieces = 0.0, 0
    while now < 40:
        closed = []
        if pieces < 8 and now >= pieces * pause:
            with file.open("ab") as stream:
                stream.write(b"a piece of it")
            pieces += 1
            closed = [file] * closes
        stable, _ = files.scan(now, closed)
        returned += [file.stat().st_size for _ in stable]
        now += 0.1
    assert len(returned) <= 2
    assert returned[-1] == 8 * len(b"a piece of it")

    now += 60
    file.write_bytes(b"another one, that is longer than it was, saved long after. " * 9)
    files.scan(now, [file])
    assert files.scan(now + CLOSED_SECONDS + 0.01) == ([file], [])


def test_an_empty_file(files: StableFiles, tmp_path: Path) -> None:
    """It is stable later than others, because most are filled soon."""
    file = tmp_path / "a.jpg"
    file.touch()
    files.scan(0)
    assert files.scan(STABLE_SECONDS) == ([], [])
    assert files.scan(EMPTY_SECONDS) == ([file], [])


@pytest.mark.parametrize(
    "name",
    [".a.jpg.Xy12", "a.jpg.part", "a.crdownload", "a.jpg~", "~a.jpg", "Thumbs.db", ".trash/a.jpg",
     "out/a.jpg"],
)  # fmt: skip
def test_excluded_files(files: StableFiles, tmp_path: Path, name: str) -> None:
    """Temporary and hidden files and the output are not returned until they have another name."""
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"one")
    files.scan(0)
    assert files.scan(STABLE_SECONDS) == ([], [])
    done = file.rename(tmp_path / "done.jpg")
    files.scan(1)
    assert files.scan(1 + STABLE_SECONDS) == ([done], [])


def test_a_pipe(files: StableFiles, tmp_path: Path) -> None:
    """It is never returned: opening it would wait for its writer."""
    os.mkfifo(tmp_path / "a.jpg")
    files.scan(0)
    assert files.scan(EMPTY_SECONDS) == ([], [])
    assert not files.is_pending()


def test_a_replaced_file(files: StableFiles, tmp_path: Path) -> None:
    """It is returned even if its size and its time are those of the old file."""
    file, other = tmp_path / "a.jpg", tmp_path / ".b.jpg"
    file.write_bytes(b"one")
    files.scan(0)
    files.scan(1)
    other.write_bytes(b"two")
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)
    files.scan(2)
    assert files.scan(3) == ([file], [])


def test_a_deleted_file(files: StableFiles, tmp_path: Path) -> None:
    """A returned file counts as deleted after a while, unless it reappears before."""
    file = tmp_path / "a.jpg"
    file.write_bytes(b"one")
    files.scan(0)
    files.scan(1)
    file.unlink()
    assert files.scan(2) == ([], [])
    file.write_bytes(b"two")
    files.scan(3)
    assert files.scan(2 + GONE_SECONDS) == ([file], [])
    file.unlink()
    files.scan(9)
    assert files.scan(9 + GONE_SECONDS) == ([], [file])
    assert files.scan(99) == ([], [])
