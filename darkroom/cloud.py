"""The deployed pipeline as the command line sees it: its buckets, its catalog, its queues."""

import mimetypes
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import boto3
import httpx

from localstack_init.stack import Stack
from processor.catalog.attributes import deserialize, serialize
from processor.catalog.entries import (
    Catalog,
    Entry,
    RenditionEntry,
)
from processor.storage.renditions import Renditions

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import KeysAndAttributesTypeDef
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient


ENTRIES_AT_ONCE = 100
"""As many as BatchGetItem takes."""

Bucket = Literal["RawBucket", "ProcessedBucket"]
Queue = Literal["QueueUrl", "DeadLetterQueueUrl"]


class NotDeployedError(Exception):
    """There is no pipeline where the commands look for it."""


class UnsafeKeyError(Exception):
    """A key that would be a path to somewhere else."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a listing of its bucket tells of it."""

    key: str
    size: int
    """In bytes."""
    etag: str
    written: datetime

    @property
    def time(self) -> str:
        """When S3 took it, as S3's own messages say it."""
        time = self.written.astimezone(UTC).isoformat(timespec="milliseconds")
        return time.replace("+00:00", "Z")


@dataclass(frozen=True)
class Cloud:
    """One deployed stack, wherever boto3's session leads."""

    outputs: dict[str, str]

    @classmethod
    def find(cls, stack: str) -> "Cloud":
        """Look the stack up by its name. Raises ``NotDeployedError``."""
        _check_endpoint()
        outputs = Stack(boto3.client("cloudformation"), stack, print).outputs()
        if not outputs:
            where = boto3.client("sts").meta.endpoint_url
            raise NotDeployedError(
                f"There is no stack named {stack!r} behind {where}. `make up` deploys to this "
                "machine, `darkroom deploy` to AWS."
            )
        return cls(outputs)

    @cached_property
    def s3(self) -> "S3Client":
        """S3 client."""
        return boto3.client("s3")

    @cached_property
    def sqs(self) -> "SQSClient":
        """SQS client."""
        return boto3.client("sqs")

    @cached_property
    def catalog(self) -> Catalog:
        """The stack's catalog."""
        return Catalog(boto3.client("dynamodb"), self.outputs["CatalogTable"])

    def upload(
        self, file: Path, key: str, progress: Callable[[int], None], recipe: str | None = None
    ) -> None:
        """Put a file into the raw bucket; ``progress`` is told of each portion, in bytes.

        ``recipe`` is the name of the one to use, in the object's metadata.
        """
        media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self.s3.upload_file(
            str(file),
            self.outputs["RawBucket"],
            key,
            ExtraArgs={
                "ContentType": media_type,
                "Metadata": {"recipe": recipe} if recipe else {},
            },
            Callback=progress,
        )

    def download(self, entry: Entry, folder: Path) -> Iterator[tuple[RenditionEntry, Path]]:
        """Fetch an entry's renditions into ``folder/<key>/``; yields each with its file.

        Raises ``UnsafeKeyError`` for a key that leads out of ``folder``.
        """
        for rendition in entry.get("renditions", []):
            # A key may begin with a slash; a path that does would leave the folder.
            file = folder / entry["filename"].lstrip("/") / Path(rendition["key"]).name
            if not file.resolve().is_relative_to(folder.resolve()):
                raise UnsafeKeyError(f"The key {entry['filename']!r} leads out of {folder}.")
            file.parent.mkdir(parents=True, exist_ok=True)
            self.s3.download_file(self.outputs["ProcessedBucket"], rendition["key"], str(file))
            yield rendition, file

    def objects(self, bucket: Bucket, prefix: str, start_after: str = "") -> Iterator[Listed]:
        """What is in a bucket, in the order of the keys' UTF-8; pages are read as needed."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.outputs[bucket], Prefix=prefix, StartAfter=start_after
        )
        for page in pages:
            for each in page.get("Contents", []):
                yield Listed(
                    each["Key"], each["Size"], each["ETag"].strip('"'), each["LastModified"]
                )

    def entries(self, keys: Collection[str]) -> dict[str, Entry]:
        """The entries of those originals that have one, as they are now, by their keys."""
        found: dict[str, Entry] = {}
        table = self.catalog.table
        for chunk in batched(keys, ENTRIES_AT_ONCE, strict=False):
            asked: dict[str, KeysAndAttributesTypeDef] = {
                table: {
                    "Keys": [serialize({"filename": key}) for key in chunk],
                    "ConsistentRead": True,
                }
            }
            # What DynamoDB found too much at once has to be asked for again.
            while asked:
                answer = self.catalog.dynamodb.batch_get_item(RequestItems=asked)
                for item in answer["Responses"].get(table, []):
                    entry = cast("Entry", deserialize(item))
                    found[entry["filename"]] = entry
                asked = cast("dict[str, KeysAndAttributesTypeDef]", answer["UnprocessedKeys"])
        return found

    def newest_sequencer(self, key: str, entry: Entry | None) -> str:
        """The newest sequencer that is known of a key (``processor.sqs.reprocess``)."""
        renditions = Renditions(self.s3, self.outputs["ProcessedBucket"])
        return renditions.newest_sequencer(key, entry)

    def queue_arn(self, queue: Queue) -> str:
        """The queue's name in policies and move tasks."""
        return self._attributes(queue, ["QueueArn"])[0]

    def queue_depths(self) -> dict[str, int]:
        """Messages that are waiting, in flight, and dead; SQS calls its figures approximate."""
        attributes = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        waiting, in_flight = (int(count) for count in self._attributes("QueueUrl", attributes))
        (dead,) = self._attributes("DeadLetterQueueUrl", attributes[:1])
        return {"waiting": waiting, "in flight": in_flight, "dead": int(dead)}

    def _attributes(self, queue: Queue, names: list[str]) -> list[str]:
        answer = self.sqs.get_queue_attributes(
            QueueUrl=self.outputs[queue],
            AttributeNames=names,  # type: ignore[arg-type]
        )
        return [answer["Attributes"][name] for name in names]  # type: ignore[index]


def _check_endpoint() -> None:
    """Say soon that nobody answers; boto3 would try again for minutes first."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        return
    try:
        httpx.get(endpoint, timeout=10)
    except httpx.HTTPError as error:
        raise NotDeployedError(
            f"Nothing answers at {endpoint} ({error}). If it is the emulator's address, "
            "`make up` starts it."
        ) from error
