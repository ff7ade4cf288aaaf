"""Persistent S3 object store: each version of an object is a file that is written once."""

import os
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from readerwriterlock import rwlock

from localstack_native.s3.object_store import Mode, Multipart, ObjectStore, StoredObject
from localstack_native.state.folder import UnusableSnapshotError, sync_folder


class Content:
    """The file with one content of an object or part; each new content gets a new file."""

    def __init__(self, path: Path, size: int = 0, modified: int = 0) -> None:
        self.path = path
        self.size = size
        self.internal_last_modified = modified
        self.readwrite_lock = rwlock.RWLockWrite()

    def close(self) -> None:
        """Do nothing: a snapshot may need the file, which is removed later."""


class OpenContent:
    """An open content, with the interface of LocalStack's lockable files."""

    def __init__(self, content: Content, mode: Mode) -> None:
        self._content = content
        self._mode = mode
        self._file = content.path.open("w+b" if mode == "w" else "rb")
        self.position_lock = threading.RLock()
        self.readwrite_lock = content.readwrite_lock

    @property
    def internal_last_modified(self) -> int:
        """The time of the last write, in nanoseconds."""
        return self._content.internal_last_modified

    @internal_last_modified.setter
    def internal_last_modified(self, value: int) -> None:
        self._content.internal_last_modified = value

    def close(self) -> None:
        """Close the file, and record the written size."""
        if self._mode == "w" and not self._file.closed:
            self._content.size = self._file.seek(0, os.SEEK_END)
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class StoredFile(StoredObject):
    """An open object or part, whose file is closed with it."""

    def close(self) -> None:
        """Close the file, end the write, and release the lock."""
        if not self.closed:
            file: Any = self.file
            file.close()
            super().close()


class PersistentObjects(ObjectStore):
    """The contents of all objects, as files that a snapshot refers to.

    Each write creates a new file: files in a snapshot never change and are not copied. After a
    snapshot, files that neither the snapshot nor an object needs are removed.
    """

    service_name = "s3"

    def __init__(self, folder: Path, root_directory: str) -> None:
        super().__init__(root_directory)
        self._folder = folder
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._kept: set[str] = set()
        self._saved: set[str] = set()
        self._synced: set[str] = set()

    def new_content(self, folder: str) -> Content:
        """Return an empty content, in a file of its own."""
        del folder
        content = Content(self._folder / uuid.uuid4().hex)
        content.path.touch(mode=0o600)
        return content

    def file_of(self, content: Any, mode: Mode) -> OpenContent:
        """Open the file of a content."""
        return OpenContent(content, mode)

    def stored_object(self, s3_object: Any, file: Any, mode: Mode) -> StoredObject:
        """Return an open object."""
        return StoredFile(self, s3_object, file, mode)

    def multipart_folder(self, bucket: str, upload_id: str) -> str:
        """Return no folder: uploads have no temporary files."""
        del bucket, upload_id
        return ""

    @staticmethod
    def _key_from_s3_object(s3_object: Any) -> str:
        return f"{s3_object.key}?{s3_object.version_id or 'null'}"

    def close(self) -> None:
        """Do nothing: the files remain."""

    def reset(self) -> None:
        """Remove all objects."""
        self._filesystem.clear()

    def save(self) -> "SavedObjects":
        """Return the files of all objects, for a snapshot."""
        self._saved = self._in_use()
        return SavedObjects(
            {
                bucket: {
                    "keys": _saved(content["keys"]),
                    "multiparts": {
                        name: (upload.s3_multipart, _saved(upload.parts))
                        for name, upload in content["multiparts"].items()
                    },
                }
                for bucket, content in self._filesystem.items()
            }
        )

    def load(self, saved: "SavedObjects") -> None:
        """Restore the objects of a snapshot."""
        self._filesystem.clear()
        for bucket, content in saved.buckets.items():
            self.create_bucket(bucket)
            here = self._filesystem[bucket]
            here["keys"].update(self._loaded(content["keys"]))
            for name, (s3_multipart, parts) in content["multiparts"].items():
                upload = Multipart(self, bucket, s3_multipart, "")
                upload.parts = self._loaded(parts)
                here["multiparts"][name] = upload
        self._kept = self._saved = self._synced = self._in_use()
        self.sweep()

    def _loaded(self, saved: dict[Any, "Saved"]) -> dict[Any, Any]:
        return {
            key: Content(self._folder / name, size, modified)
            for key, (name, size, modified) in saved.items()
        }

    def sync(self) -> None:
        """Flush the files that ``save`` has returned to disk."""
        for name in self._saved - self._synced:
            with (self._folder / name).open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(self._folder)
        self._synced = self._saved

    def keep(self) -> None:
        """Remove files that neither the last ``save`` nor an object needs."""
        self._kept = self._saved
        self.sweep()

    def sweep(self) -> None:
        """Remove files that are in no snapshot and in no object."""
        with self._changing:
            needed = self._kept | self._in_use()
            for path in self._folder.iterdir():
                if path.name not in needed:
                    path.unlink()

    def _in_use(self) -> set[str]:
        with self._changing:
            contents: list[Any] = [write.content for write in self._writes.values()]
            for bucket in self._filesystem.values():
                contents += bucket["keys"].values()
                for upload in bucket["multiparts"].values():
                    contents += upload.parts.values()
            return {content.path.name for content in contents}


Saved = tuple[str, int, int]
"""A content's file name, its size in bytes and the time of its last write."""


def _saved(contents: dict[Any, Any]) -> dict[Any, Saved]:
    return {
        key: (content.path.name, content.size, content.internal_last_modified)
        for key, content in contents.items()
    }


@dataclass(frozen=True, slots=True)
class SavedObjects:
    """The files of the objects and uploads in each bucket."""

    buckets: dict[str, Any]

    def check(self, folder: Path) -> None:
        """Raise ``UnusableSnapshotError`` if a file is missing or has another size."""
        for bucket, content in self.buckets.items():
            uploads = content["multiparts"].values()
            for contents in (content["keys"], *(parts for _, parts in uploads)):
                for key, (name, size, _) in contents.items():
                    path = folder / name
                    if not path.is_file() or size != path.stat().st_size:
                        what = str(key).rpartition("?")[0] or f"part {key}"
                        raise UnusableSnapshotError(f"the content of {what} in {bucket} is missing")
