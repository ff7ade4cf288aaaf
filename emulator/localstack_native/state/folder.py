"""State folder: atomic snapshots on disk, with a manifest and checksums."""

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

from localstack_native import owned

FORMAT = 1
SETTING = "EMULATOR_STATE_DIR"
MANIFEST = "manifest.json"
OBJECTS = "objects"
STORES = "stores"


class UnusableSnapshotError(Exception):
    """A snapshot can't be loaded; the message says why."""


class FolderInUseError(Exception):
    """Another emulator uses the folder."""


class FolderReplacedError(OSError):
    """The folder is no longer there, and another may be in its place."""


@dataclass(frozen=True, slots=True)
class Store:
    """The file with one service's state."""

    file: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of a snapshot, with the versions and the address that it is valid for."""

    versions: Mapping[str, str]
    address: str
    """Host and port in the state's URLs."""
    saved: str
    services: Mapping[str, Store]
    sequence: int = 0
    """A number greater than those of all S3 events before."""

    def to_json(self) -> str:
        """Return the text of the manifest file."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Return the manifest in a text. Raises ``UnusableSnapshotError``."""
        try:
            content = json.loads(text)
            if content.pop("format") != FORMAT:
                raise UnusableSnapshotError("it has another format")
            services = {name: Store(**each) for name, each in content.pop("services").items()}
            return cls(services=services, **content)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UnusableSnapshotError(f"{MANIFEST} is damaged") from error


class StateFolder:
    """A folder with one snapshot; ``manifest.json`` names its files and is written last.

    A file that a manifest names is never written again. A new snapshot writes new files for what
    has changed, and renaming the manifest commits it. The next snapshot removes files that no
    manifest names, which a kill may have left.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._stores = self.path / STORES
        self.objects = self.path / OBJECTS
        self._lock: Any = None

    def acquire(self) -> None:
        """Lock the folder. Raises ``FolderInUseError`` and ``ForeignFolderError``."""
        owned.claim(self.path, SETTING)
        self.path.chmod(0o700)
        self._lock = create_private(self.path / "lock")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.release()
            raise FolderInUseError(
                f"Another emulator uses {self.path}. Stop it, or set {SETTING} to another folder."
            ) from error
        for folder in (self._stores, self.objects):
            folder.mkdir(mode=0o700, exist_ok=True)

    def check(self) -> None:
        """Raise ``FolderReplacedError`` unless the path still names the locked folder."""
        assert self._lock
        try:
            found = (self.path / "lock").stat()
        except OSError as error:
            raise FolderReplacedError(f"{self.path} was removed or moved") from error
        if not os.path.samestat(found, os.fstat(self._lock.fileno())):
            raise FolderReplacedError(f"{self.path} was replaced by another folder")

    def release(self) -> None:
        """Unlock the folder."""
        if self._lock:
            self._lock.close()

    def manifest(self) -> Manifest | None:
        """Return the snapshot's manifest, or None. Raises ``UnusableSnapshotError``."""
        try:
            return Manifest.from_json((self.path / MANIFEST).read_text(errors="replace"))
        except FileNotFoundError:
            return None

    def read(self, store: Store) -> bytes:
        """Return a service's pickled state. Raises ``UnusableSnapshotError`` for a damaged file."""
        try:
            data = (self._stores / store.file).read_bytes()
        except OSError as error:
            raise UnusableSnapshotError(f"{store.file} can't be read: {error.strerror}") from error
        if len(data) != store.bytes or hashlib.sha256(data).hexdigest() != store.sha256:
            raise UnusableSnapshotError(f"{store.file} is damaged")
        return data

    def write(self, service: str, data: bytes) -> Store:
        """Write a service's pickled state for the next snapshot."""
        digest = hashlib.sha256(data).hexdigest()
        name = f"{service}-{digest[:16]}.pickle"
        if not (self._stores / name).exists():
            self._replace(self._stores / name, data)
        return Store(name, digest, len(data))

    def commit(self, manifest: Manifest) -> None:
        """Commit a snapshot, and remove files that only the previous one needed."""
        sync_folder(self._stores)
        self._replace(self.path / MANIFEST, manifest.to_json().encode())
        sync_folder(self.path)
        self.sweep(store.file for store in manifest.services.values())

    def sweep(self, needed: Iterable[str]) -> None:
        """Remove all store files except those needed."""
        needed = set(needed)
        for path in self._stores.iterdir():
            if path.name not in needed:
                path.unlink()

    def set_aside(self, why: str) -> Path:
        """Move the snapshot into ``aside/<time>-<why>``; return the new path."""
        now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        aside = self.path / "aside"
        aside.mkdir(mode=0o700, exist_ok=True)
        target = aside / f"{now}-{why}"
        number = 1
        while target.exists():
            number += 1
            target = aside / f"{now}-{why}-{number}"
        target.mkdir(mode=0o700)
        # The manifest first: without it, the rest is no snapshot.
        for path in (self.path / MANIFEST, self._stores, self.objects):
            if path.exists():
                shutil.move(path, target / path.name)
        for folder in (self._stores, self.objects):
            folder.mkdir(mode=0o700)
        sync_folder(self.path)
        return target

    @staticmethod
    def _replace(path: Path, data: bytes) -> None:
        """Write a file atomically."""
        draft = path.with_name(f"{path.name}.draft")
        with create_private(draft) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


def create_private(path: Path) -> BinaryIO:
    """Create or truncate a file, readable only by its owner, and open it for writing."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(descriptor, "wb")


def sync_folder(path: Path) -> None:
    """Flush a folder's entries to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
