"""Stable files of a folder: complete, because their writers have stopped changing them."""

import fnmatch
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISDIR, S_ISREG

STABLE_SECONDS = 0.5
"""Time without a change after which a file is stable. Copies over a network seldom pause longer."""

CLOSED_SECONDS = 0.1
"""The same for a file that its writer has closed; some writers reopen it at once."""

LONGEST_PAUSE = 3.0
"""A stable file that grows after a pause of at most this length is written piece by piece: it is
stable again after twice its longest pause."""

EMPTY_SECONDS = 5.0
"""The same for an empty file: most are filled later."""

TEMPORARY = (
    ".*", "*~", "~*", "#*#", "*.part", "*.partial", "*.crdownload", "*.download", "*.tmp", "*.temp",
    "*.swp", "*.filepart", "*.!*", "Thumbs.db", "desktop.ini", "__MACOSX",
)  # fmt: skip
"""Names of unfinished files, and of files that are never images."""

GONE_SECONDS = 2.0
"""Time after which a missing file counts as deleted: some programs delete a file to rewrite it."""

Stamp = tuple[int, int, int]
"""Size in bytes, modification time in nanoseconds, and inode: a replacement changes one of them."""


@dataclass
class StableFiles:
    """Scans a folder repeatedly and returns each state of a file once, when it is stable."""

    root: Path
    excluded: tuple[Path, ...] = ()
    """Folders below the root that are not scanned."""
    linked: set[Path] = field(default_factory=set, init=False)
    """Links to folders, as of the last scan: they are not followed, because they may form loops."""
    _seen: dict[Path, tuple[Stamp, float]] = field(default_factory=dict, init=False)
    _returned: dict[Path, Stamp] = field(default_factory=dict, init=False)
    _missing: dict[Path, float] = field(default_factory=dict, init=False)
    _closed: dict[Path, Stamp] = field(default_factory=dict, init=False)
    _pauses: dict[Path, float] = field(default_factory=dict, init=False)
    """The longest pause of each file that seemed complete and then grew."""

    def scan(self, now: float, closed: Collection[Path] = ()) -> tuple[list[Path], list[Path]]:
        """Return the files that became stable and those that were deleted since the last scan.

        ``now`` is in seconds and only grows; ``closed`` are the files that their writers closed
        since the last scan, as far as the system reports it.
        """
        present = dict(self._list())
        before = self._returned | self._closed
        self._closed |= {path: present[path] for path in closed if path in present}
        stable = []
        for path, stamp in present.items():
            known = self._seen.get(path)
            if known is None or known[0] != stamp:
                self._note_pause(path, known, stamp, now, was_complete=path in before)
                self._seen[path] = (stamp, now)
            elif self._returned.get(path) != stamp and now - known[1] >= self._wait(path, stamp):
                self._returned[path] = stamp
                self._closed.pop(path, None)
                stable.append(path)
        for path in self._returned:
            if path in present:
                self._missing.pop(path, None)
            else:
                self._missing.setdefault(path, now)
        gone = [path for path, since in self._missing.items() if now - since >= GONE_SECONDS]
        for path in gone:
            del self._returned[path], self._missing[path]
        for path in self._seen.keys() - present.keys():
            del self._seen[path]
            self._pauses.pop(path, None)
        return stable, gone

    def is_pending(self) -> bool:
        """Whether a file is not stable yet."""
        return any(self._returned.get(path) != stamp for path, (stamp, _) in self._seen.items())

    def forget(self, path: Path) -> None:
        """Return the file again when it is stable."""
        self._returned.pop(path, None)
        self._missing.pop(path, None)

    def _wait(self, path: Path, stamp: Stamp) -> float:
        """Return the seconds without a change after which the file is stable."""
        if not stamp[0]:
            return EMPTY_SECONDS
        if path in self._pauses:
            return max(STABLE_SECONDS, 2 * self._pauses[path])
        return CLOSED_SECONDS if self._closed.get(path) == stamp else STABLE_SECONDS

    def _note_pause(
        self, path: Path, known: tuple[Stamp, float] | None, stamp: Stamp, now: float, *,
        was_complete: bool,
    ) -> None:  # fmt: skip
        """Note how long the writer of a growing file has paused; a replaced file starts over."""
        if known is None:
            return
        (size, _, inode), since = known
        has_grown = stamp[0] > size > 0 and stamp[2] == inode
        if not has_grown or now - since > LONGEST_PAUSE:
            self._pauses.pop(path, None)
        elif was_complete or path in self._pauses:
            self._pauses[path] = max(self._pauses.get(path, 0.0), now - since)

    def _list(self) -> Iterator[tuple[Path, Stamp]]:
        self.linked = set()
        for folder, folders, files in self.root.walk():
            folders[:] = [
                name
                for name in sorted(folders)
                if not is_temporary(name) and folder / name not in self.excluded
            ]
            for name in sorted(files):
                if is_temporary(name):
                    continue
                try:
                    stat = (folder / name).stat()
                except OSError:
                    continue  # deleted since the folder was listed, or a broken link
                if S_ISREG(stat.st_mode):
                    yield folder / name, (stat.st_size, stat.st_mtime_ns, stat.st_ino)
                elif S_ISDIR(stat.st_mode):
                    self.linked.add(folder / name)


def is_temporary(name: str) -> bool:
    """Whether a file or folder of that name is not scanned."""
    return any(fnmatch.fnmatch(name, pattern) for pattern in TEMPORARY)
