"""Which files of a folder are complete: nobody writes to them any more."""

import fnmatch
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG

SETTLED_SECONDS = 0.5
"""How long a file must have stayed as it is. Copies over a network pause, but seldom for longer."""

CLOSED_SECONDS = 0.1
"""The same, of a file that its writer has closed; some open it once more at once."""

LONGEST_PAUSE = 3.0
"""A file that grows again after a pause is being written to piece by piece, if that was no longer.
It has to stay as it is for twice the pause."""

EMPTY_SECONDS = 5.0
"""The same, of an empty file: most are filled later."""

UNFINISHED = (
    ".*", "*~", "~*", "#*#", "*.part", "*.partial", "*.crdownload", "*.download", "*.tmp", "*.temp",
    "*.swp", "*.filepart", "*.!*", "Thumbs.db", "desktop.ini", "__MACOSX",
)  # fmt: skip
"""Names of what is not there yet under its own name, and of what is no picture anywhere."""

GONE_SECONDS = 2.0
"""How long a file must be gone: some programs delete one in order to write it anew."""

Stamp = tuple[int, int, int]
"""Size, time of the last change and inode: who replaces a file changes one of them."""


@dataclass
class Settling:
    """Looks at a folder again and again, and tells of each state of a file once it is settled."""

    root: Path
    left_out: tuple[Path, ...] = ()
    """Folders below that are none of ours."""
    _seen: dict[Path, tuple[Stamp, float]] = field(default_factory=dict, init=False)
    _told: dict[Path, Stamp] = field(default_factory=dict, init=False)
    _missing: dict[Path, float] = field(default_factory=dict, init=False)
    _closed: dict[Path, Stamp] = field(default_factory=dict, init=False)
    _pauses: dict[Path, float] = field(default_factory=dict, init=False)
    """The longest of each file that was complete, for all one could see, and then grew."""

    def look(self, now: float, closed: Collection[Path] = ()) -> tuple[list[Path], list[Path]]:
        """Files that are settled and were not told of so, and those that are gone since.

        ``now`` is a time in seconds that only grows; ``closed`` are files that their writers have
        closed since the last look, as far as the system tells.
        """
        there = dict(self._list())
        before = self._told | self._closed
        self._closed |= {path: there[path] for path in closed if path in there}
        settled = []
        for path, stamp in there.items():
            known = self._seen.get(path)
            if known is None or known[0] != stamp:
                self._note_pause(path, known, stamp, now, was_complete=path in before)
                self._seen[path] = (stamp, now)
            elif self._told.get(path) != stamp and now - known[1] >= self._wanted(path, stamp):
                self._told[path] = stamp
                self._closed.pop(path, None)
                settled.append(path)
        for path in self._told:
            if path in there:
                self._missing.pop(path, None)
            else:
                self._missing.setdefault(path, now)
        gone = [path for path, since in self._missing.items() if now - since >= GONE_SECONDS]
        for path in gone:
            del self._told[path], self._missing[path]
        for path in self._seen.keys() - there.keys():
            del self._seen[path]
            self._pauses.pop(path, None)
        return settled, gone

    def is_waiting(self) -> bool:
        """Whether a file has still to settle."""
        return any(self._told.get(path) != stamp for path, (stamp, _) in self._seen.items())

    def _wanted(self, path: Path, stamp: Stamp) -> float:
        """Seconds for which the file has to stay as it is."""
        if not stamp[0]:
            return EMPTY_SECONDS
        if path in self._pauses:
            return max(SETTLED_SECONDS, 2 * self._pauses[path])
        return CLOSED_SECONDS if self._closed.get(path) == stamp else SETTLED_SECONDS

    def _note_pause(
        self, path: Path, known: tuple[Stamp, float] | None, stamp: Stamp, now: float, *,
        was_complete: bool,
    ) -> None:  # fmt: skip
        """Remember how long the writer of a growing file has paused; what is replaced is new."""
        if known is None:
            return
        (size, _, inode), since = known
        has_grown = stamp[0] > size > 0 and stamp[2] == inode
        if not has_grown or now - since > LONGEST_PAUSE:
            self._pauses.pop(path, None)
        elif was_complete or path in self._pauses:
            self._pauses[path] = max(self._pauses.get(path, 0.0), now - since)

    def forget(self, path: Path) -> None:
        """Tell of the file again, once it is settled."""
        self._told.pop(path, None)
        self._missing.pop(path, None)

    def _list(self) -> Iterator[tuple[Path, Stamp]]:
        for folder, folders, files in self.root.walk():
            folders[:] = [
                name
                for name in sorted(folders)
                if not is_unfinished(name) and folder / name not in self.left_out
            ]
            for name in sorted(files):
                if is_unfinished(name):
                    continue
                try:
                    stat = (folder / name).stat()
                except OSError:
                    continue  # gone since it was listed, or a link to nowhere
                if S_ISREG(stat.st_mode):
                    yield folder / name, (stat.st_size, stat.st_mtime_ns, stat.st_ino)


def is_unfinished(name: str) -> bool:
    """Whether that is the name of a file or folder that is not to be looked at."""
    return any(fnmatch.fnmatch(name, pattern) for pattern in UNFINISHED)
