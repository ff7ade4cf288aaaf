"""S3 object store: a write replaces the content when it is complete and verified."""

import threading
from pathlib import Path
from typing import Any, Literal
from weakref import WeakValueDictionary

from localstack.services.s3.provider import DEFAULT_S3_TMP_DIR
from localstack.services.s3.storage.ephemeral import (
    S3_MAX_FILE_SIZE_BYTES,
    EphemeralS3ObjectStore,
    EphemeralS3StoredMultipart,
    EphemeralS3StoredObject,
    LockedSpooledTemporaryFile,
)

Mode = Literal["r", "w"]


class Write:
    """The new content of a key; it replaces the stored one when the write ends without an error."""

    def __init__(self, s3_object: Any, contents: dict[Any, Any], key: Any, content: Any) -> None:
        self.s3_object = s3_object
        self.contents = contents
        self.key = key
        self.content = content
        self.is_discarded = False


class StoredObject(EphemeralS3StoredObject):
    """An open object or part."""

    def __init__(self, store: "ObjectStore", s3_object: Any, file: Any, mode: Mode) -> None:
        super().__init__(s3_object, file, mode)
        self._store = store
        self.current_write: Write | None = None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind and self.current_write:
            self.current_write.is_discarded = True
        self.close()

    def close(self) -> None:
        """End the write, if it is one, and release the lock."""
        if not self.closed:
            if self.current_write:
                self._store.end(self.current_write)
            super().close()  # type: ignore[no-untyped-call]


class Multipart(EphemeralS3StoredMultipart):
    """A multipart upload."""

    def open(self, s3_part: Any, mode: Mode = "r") -> EphemeralS3StoredObject:
        """Open a part."""
        store: Any = self._s3_store
        opened: StoredObject = store.opened(
            s3_part, self.parts, s3_part.part_number, mode, self.upload_dir
        )
        return opened

    def remove_part(self, s3_part: Any) -> None:
        """Discard a part that is being written, or remove a written one."""
        store: Any = self._s3_store
        if not store.discard(s3_part):
            super().remove_part(s3_part)


class ObjectStore(EphemeralS3ObjectStore):
    """The contents of all objects, in memory and in temporary files.

    LocalStack writes into the stored content, and removes it if a digest does not match or the
    body ends early. Here each write has a new content, which replaces the stored one when the write
    ends without an error. Until then, readers get the stored one.
    """

    def __init__(self, root_directory: str = DEFAULT_S3_TMP_DIR) -> None:
        super().__init__(root_directory)
        self._changing = threading.RLock()
        # By the identity of LocalStack's object or part, of which each request makes a new one.
        self._writes: WeakValueDictionary[int, Write] = WeakValueDictionary()

    def open(self, bucket: str, s3_object: Any, mode: Mode = "r") -> EphemeralS3StoredObject:
        """Open an object; open readers keep the previous content."""
        key = self._key_from_s3_object(s3_object)
        contents: Any = self._filesystem[bucket]["keys"]
        return self.opened(s3_object, contents, key, mode, str(Path(self.root_directory, bucket)))

    def opened(
        self, s3_object: Any, contents: dict[Any, Any], key: Any, mode: Mode, folder: str
    ) -> StoredObject:
        """Open the content of a key, or a new content that will replace it."""
        with self._changing:
            # A request may have the metadata of a write that has not ended. It waits for the end.
            write = self._writes.get(id(s3_object))
            if mode == "w":
                write = Write(s3_object, contents, key, self.new_content(folder))
                self._writes[id(s3_object)] = write
            elif not write and key not in contents:
                contents[key] = self.new_content(folder)
            file = self.file_of(write.content if write else contents[key], mode)
        stored = self.stored_object(s3_object, file, mode)
        if mode == "w":
            stored.current_write = write
        return stored

    def end(self, write: Write) -> None:
        """Replace the stored content, unless the write was discarded."""
        with self._changing:
            self._writes.pop(id(write.s3_object), None)
            if not write.is_discarded:
                write.contents[write.key] = write.content

    def discard(self, s3_object: Any) -> bool:
        """Discard the write of an object or part; return whether there is one."""
        with self._changing:
            write = self._writes.get(id(s3_object))
            if write:
                write.is_discarded = True
        return write is not None

    def remove(self, bucket: str, s3_object: Any) -> None:
        """Discard objects that are being written, and remove written ones."""
        objects = s3_object if isinstance(s3_object, list) else [s3_object]
        super().remove(bucket, [each for each in objects if not self.discard(each)])

    def get_multipart(self, bucket: str, s3_multipart: Any) -> EphemeralS3StoredMultipart:
        """Return a multipart upload."""
        with self._changing:
            known = self._filesystem[bucket]["multiparts"]
            if s3_multipart.id not in known:
                folder = self.multipart_folder(bucket, s3_multipart.id)
                known[s3_multipart.id] = Multipart(self, bucket, s3_multipart, folder)
            return known[s3_multipart.id]

    def multipart_folder(self, bucket: str, upload_id: str) -> str:
        """Create the folder of an upload's temporary files; return its path."""
        return self._create_upload_directory(bucket, upload_id)

    def new_content(self, folder: str) -> Any:
        """Return an empty content."""
        return LockedSpooledTemporaryFile(dir=folder, max_size=S3_MAX_FILE_SIZE_BYTES)

    def file_of(self, content: Any, mode: Mode) -> Any:
        """Return the open file of a content."""
        del mode
        return content

    def stored_object(self, s3_object: Any, file: Any, mode: Mode) -> StoredObject:
        """Return an open object."""
        return StoredObject(self, s3_object, file, mode)
