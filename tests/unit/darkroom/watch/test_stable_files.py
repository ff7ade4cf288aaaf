"""When a file of a watched folder is complete."""

import os
from pathlib import Path

import pytest

from darkroom.watch.stable_files import (
    CLOSED_SECONDS,
    EMPTY_SECONDS,
    GONE_SECONDS,
    LONGEST_PAUSE,
    SETTLED_SECONDS,
    Settling,
)


@pytest.fixture
def settling(tmp_path: Path) -> Settling:
    """Give what looks at the test's own folder."""
    return Settling(tmp_path, (tmp_path / "out",))


def test_a_file_settles_when_nobody_writes_to_it(settling: Settling, tmp_path: Path) -> None:
    """Each change begins the time anew; the settled file is told of once."""
    file = tmp_path / "a.jpg"
    file.write_bytes(b"one")
    assert settling.look(0) == ([], [])
    assert settling.is_waiting()
    file.write_bytes(b"one, two")
    assert settling.look(SETTLED_SECONDS) == ([], [])
    assert settling.look(SETTLED_SECONDS * 1.5) == ([], [])
    assert settling.look(SETTLED_SECONDS * 2) == ([file], [])
    assert not settling.is_waiting()
    assert settling.look(SETTLED_SECONDS * 9) == ([], [])


def test_a_closed_file_settles_sooner(settling: Settling, tmp_path: Path) -> None:
    """What its writer has closed is waited for less; unless it is written to once more."""
    file = tmp_path / "a.jpg"
    file.write_bytes(b"one")
    settling.look(0, [file])
    assert settling.look(CLOSED_SECONDS) == ([file], [])
    file.write_bytes(b"one, two")
    settling.look(1)
    assert settling.look(1 + CLOSED_SECONDS) == ([], [])


@pytest.mark.parametrize("pause", [0.3, 1.0, LONGEST_PAUSE - 0.2])
@pytest.mark.parametrize("closes", [True, False])
def test_a_file_that_is_written_piece_by_piece(
    settling: Settling, tmp_path: Path, *, pause: float, closes: bool
) -> None:
    """Once it has grown after a pause, it is waited for longer: it is told of at its beginning, at
    most, and at its end.
    """
    file = tmp_path / "a.jpg"
    told: list[int] = []
    now, pieces = 0.0, 0
    while now < 40:
        closed = []
        if pieces < 8 and now >= pieces * pause:
            with file.open("ab") as stream:
                stream.write(b"a piece of it")
            pieces += 1
            closed = [file] * closes
        settled, _ = settling.look(now, closed)
        told += [file.stat().st_size for _ in settled]
        now += 0.1
    assert len(told) <= 2
    assert told[-1] == 8 * len(b"a piece of it")

    now += 60
    file.write_bytes(b"another one, that is longer than it was, saved long after. " * 9)
    settling.look(now, [file])
    assert settling.look(now + CLOSED_SECONDS + 0.01) == ([file], [])


def test_an_empty_file_is_waited_for(settling: Settling, tmp_path: Path) -> None:
    """Most are filled later; one that stays empty is told of all the same."""
    file = tmp_path / "a.jpg"
    file.touch()
    settling.look(0)
    assert settling.look(SETTLED_SECONDS) == ([], [])
    assert settling.look(EMPTY_SECONDS) == ([file], [])


@pytest.mark.parametrize(
    "name",
    [".a.jpg.Xy12", "a.jpg.part", "a.crdownload", "a.jpg~", "~a.jpg", "Thumbs.db", ".trash/a.jpg",
     "out/a.jpg"],
)  # fmt: skip
def test_what_is_left_out(settling: Settling, tmp_path: Path, name: str) -> None:
    """Temporary and hidden files and the output are none of ours, until they have another name."""
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"one")
    settling.look(0)
    assert settling.look(SETTLED_SECONDS) == ([], [])
    done = file.rename(tmp_path / "done.jpg")
    settling.look(1)
    assert settling.look(1 + SETTLED_SECONDS) == ([done], [])


def test_a_pipe_is_no_picture(settling: Settling, tmp_path: Path) -> None:
    """Who opened it to upload it would wait for its writer."""
    os.mkfifo(tmp_path / "a.jpg")
    settling.look(0)
    assert settling.look(EMPTY_SECONDS) == ([], [])
    assert not settling.is_waiting()


def test_a_file_in_another_ones_place(settling: Settling, tmp_path: Path) -> None:
    """A replacement is told of even if it has the size and the time of what was there."""
    file, other = tmp_path / "a.jpg", tmp_path / ".b.jpg"
    file.write_bytes(b"one")
    settling.look(0)
    settling.look(1)
    other.write_bytes(b"two")
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)
    settling.look(2)
    assert settling.look(3) == ([file], [])


def test_a_file_that_goes(settling: Settling, tmp_path: Path) -> None:
    """A file that was told of is gone after a while; one that comes back at once never was."""
    file = tmp_path / "a.jpg"
    file.write_bytes(b"one")
    settling.look(0)
    settling.look(1)
    file.unlink()
    assert settling.look(2) == ([], [])
    file.write_bytes(b"two")
    settling.look(3)
    assert settling.look(2 + GONE_SECONDS) == ([file], [])
    file.unlink()
    settling.look(9)
    assert settling.look(9 + GONE_SECONDS) == ([], [file])
    assert settling.look(99) == ([], [])
