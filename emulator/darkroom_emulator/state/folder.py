"""Snapshots on disk: whole, or as they were before."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from darkroom_emulator import owned

FORMAT = 1
SETTING = "EMULATOR_STATE_DIR"
MANIFEST = "manifest.json"
OBJECTS = "objects"
STORES = "stores"


class UnusableError(Exception):
    """A snapshot can't be loaded. Says why."""


class OccupiedError(Exception):
    """Another emulator uses the folder."""


class LostError(OSError):
    """The folder is no longer there, and another may be in its place."""


@dataclass(frozen=True, slots=True)
class Store:
    """What one service holds, as a file."""

    file: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot consists of, and what made it."""

    versions: Mapping[str, str]
    address: str
    """Host and port that URLs in the state name."""
    saved: str
    services: Mapping[str, Store]

    def to_json(self) -> str:
        """Return what stands in the file."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read it. Raises ``UnusableError``."""
        try:
            content = json.loads(text)
            if content.pop("format") != FORMAT:
                raise UnusableError("it is of another format")
            services = {name: Store(**each) for name, each in content.pop("services").items()}
            return cls(services=services, **content)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UnusableError(f"{MANIFEST} is damaged") from error


class StateFolder:
    """A folder with one snapshot; ``manifest.json`` names its parts and comes last.

    No file that a manifest names is ever written again: a new snapshot has files of its own for
    what has changed, and one rename of the manifest makes it the snapshot. Whatever a kill leaves
    half-done is not named, and removed by the next snapshot.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._stores = self.path / STORES
        self.objects = self.path / OBJECTS
        self._lock: Any = None

    def occupy(self) -> None:
        """Make it this process's. Raises ``OccupiedError`` and ``ForeignFolderError``."""
        owned.claim(self.path, SETTING)
        self.path.chmod(0o700)
        self._lock = create_private(self.path / "lock")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.leave()
            raise OccupiedError(f"Another emulator keeps its state in {self.path}") from error
        for folder in (self._stores, self.objects):
            folder.mkdir(mode=0o700, exist_ok=True)

    def check(self) -> None:
        """Raise ``LostError`` if the path has come to name another folder than the one occupied."""
        assert self._lock
        try:
            found = (self.path / "lock").stat()
        except OSError as error:
            raise LostError(f"{self.path} is gone: it was removed or moved") from error
        if not os.path.samestat(found, os.fstat(self._lock.fileno())):
            raise LostError(f"{self.path} is another folder now: it was replaced")

    def leave(self) -> None:
        """Let others have it."""
        if self._lock:
            self._lock.close()

    def manifest(self) -> Manifest | None:
        """Return the manifest of the snapshot, if there is one. Raises ``UnusableError``."""
        try:
            return Manifest.from_json((self.path / MANIFEST).read_text(errors="replace"))
        except FileNotFoundError:
            return None

    def read(self, store: Store) -> bytes:
        """Return what a service held. Raises ``UnusableError`` if it is not what was written."""
        try:
            data = (self._stores / store.file).read_bytes()
        except OSError as error:
            raise UnusableError(f"{store.file} can't be read: {error.strerror}") from error
        if len(data) != store.bytes or hashlib.sha256(data).hexdigest() != store.sha256:
            raise UnusableError(f"{store.file} is damaged")
        return data

    def write(self, service: str, data: bytes) -> Store:
        """Put what a service holds beside the snapshot, to be part of the next."""
        digest = hashlib.sha256(data).hexdigest()
        name = f"{service}-{digest[:16]}.pickle"
        if not (self._stores / name).exists():
            self._replace(self._stores / name, data)
        return Store(name, digest, len(data))

    def commit(self, manifest: Manifest) -> None:
        """Make it the snapshot, and remove what only the one before needed."""
        sync_folder(self._stores)
        self._replace(self.path / MANIFEST, manifest.to_json().encode())
        sync_folder(self.path)
        self.sweep(store.file for store in manifest.services.values())

    def sweep(self, needed: Iterable[str]) -> None:
        """Remove stores that no snapshot names."""
        needed = set(needed)
        for path in self._stores.iterdir():
            if path.name not in needed:
                path.unlink()

    def set_aside(self, why: str) -> Path:
        """Put the snapshot out of the way, under a name that says why; answer where it is."""
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        aside = self.path / "aside"
        aside.mkdir(mode=0o700, exist_ok=True)
        place = aside / f"{now}-{why}"
        number = 1
        while place.exists():
            number += 1
            place = aside / f"{now}-{why}-{number}"
        place.mkdir(mode=0o700)
        # The manifest first: without it, nothing is left that could be taken for a snapshot.
        for path in (self.path / MANIFEST, self._stores, self.objects):
            if path.exists():
                shutil.move(path, place / path.name)
        for folder in (self._stores, self.objects):
            folder.mkdir(mode=0o700)
        sync_folder(self.path)
        return place

    @staticmethod
    def _replace(path: Path, data: bytes) -> None:
        """Write a file that is there as a whole or not at all."""
        draft = path.with_name(f"{path.name}.draft")
        with create_private(draft) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


def create_private(path: Path) -> BinaryIO:
    """Create a file that its owner alone may read, or empty the one that is there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(descriptor, "wb")


def sync_folder(path: Path) -> None:
    """Have the names in a folder on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
