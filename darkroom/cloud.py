"""The deployed pipeline: its buckets, its catalog and its queues."""

import mimetypes
import os
import unicodedata
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import boto3
import httpx
from botocore.exceptions import ClientError

from darkroom.clock import clock
from darkroom.errors import CommandError, NotDeployedError
from localstack_init.stack import Stack
from processor.catalog.attributes import deserialize, serialize
from processor.catalog.entries import Catalog, Entry, RenditionEntry
from processor.catalog.feed import Feed
from processor.catalog.index import Index
from processor.change import is_folder_marker, now, timestamp
from processor.sqs.reprocess import message_of, new_request
from processor.storage.renditions import MISSING, Renditions
from processor.storage.variants import Variants
from processor.storage.versions import Version, history

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import KeysAndAttributesTypeDef
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

ENTRIES_AT_ONCE = 100
"""The limit of BatchGetItem."""

Bucket = Literal["RawBucket", "ProcessedBucket"]
Queue = Literal["QueueUrl", "DeadLetterQueueUrl", "WebhooksUrl", "DeadWebhooksUrl"]


class UnsafeKeyError(CommandError):
    """A key whose renditions would be saved outside the output folder."""


@dataclass(frozen=True, slots=True)
class Object:
    """An object in a bucket."""

    key: str
    size: int
    """In bytes."""
    etag: str
    modified: datetime

    @property
    def time(self) -> str:
        """When S3 took it, as in S3's own messages."""
        return timestamp(self.modified)


@dataclass(frozen=True)
class Cloud:
    """One deployed stack, at the endpoint of boto3's default session."""

    outputs: dict[str, str]

    @classmethod
    def find(cls, stack: str) -> "Cloud":
        """Find the stack of that name. Raises ``NotDeployedError``."""
        _check_endpoint()
        cloudformation = boto3.client("cloudformation")
        clock.follow(cloudformation)
        outputs = Stack(cloudformation, stack, print).outputs()
        if not outputs:
            endpoint = boto3.client("sts").meta.endpoint_url
            raise NotDeployedError(
                f"There is no stack named {stack!r} at {endpoint}. `make up` deploys to this "
                "machine, `darkroom deploy` to AWS."
            )
        return cls(outputs)

    @cached_property
    def s3(self) -> "S3Client":
        """The S3 client."""
        return boto3.client("s3")

    @cached_property
    def sqs(self) -> "SQSClient":
        """The SQS client."""
        return boto3.client("sqs")

    @cached_property
    def catalog(self) -> Catalog:
        """The stack's catalog."""
        return Catalog(boto3.client("dynamodb"), self.outputs["CatalogTable"])

    @cached_property
    def index(self) -> Index:
        """What the stack's images are found by."""
        return Index(self.catalog.dynamodb, self.outputs["IndexTable"])

    @cached_property
    def feed(self) -> Feed:
        """The changes of the stack's entries."""
        return Feed(self.catalog.dynamodb, self.outputs["IndexTable"])

    @cached_property
    def variants(self) -> Variants:
        """Stored variants."""
        return Variants(self.s3, self.outputs["ProcessedBucket"])

    @cached_property
    def renditions(self) -> Renditions:
        """The stack's stored renditions."""
        return Renditions(self.s3, self.outputs["ProcessedBucket"])

    def upload(
        self, file: Path, key: str, progress: Callable[[int], None], recipe: str | None = None
    ) -> None:
        """Upload a file to the raw bucket; ``progress`` receives the bytes of each part.

        ``recipe`` is the name of the recipe to use, and goes into the object's metadata.
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
        """Save an entry's renditions in ``folder/<key>/``; yields each with its file.

        Raises ``UnsafeKeyError`` for a key that leads out of ``folder``.
        """
        for rendition in entry.get("renditions", []):
            file = folder / path_of(entry["filename"]) / Path(rendition["key"]).name
            if not file.resolve().is_relative_to(folder.resolve()):
                raise UnsafeKeyError(
                    f"The renditions of {entry['filename']!r} were not saved: the key leads out of "
                    f"{folder}."
                )
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                self.s3.download_file(self.outputs["ProcessedBucket"], rendition["key"], str(file))
            except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
                raise CommandError(
                    f"{file} was not saved: a file and a folder would have the same name. Save "
                    f"{entry['filename']!r} in another folder."
                ) from error
            yield rendition, file

    def objects(self, bucket: Bucket, prefix: str, start_after: str = "") -> Iterator[Object]:
        """Yield a bucket's objects in the order of their keys' UTF-8, page by page.

        Without the markers of folders, which S3's console creates.
        """
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.outputs[bucket], Prefix=prefix, StartAfter=start_after
        )
        for page in pages:
            for each in page.get("Contents", []):
                if is_folder_marker(each["Key"], each["Size"]):
                    continue
                etag = each["ETag"].strip('"')
                yield Object(each["Key"], each["Size"], etag, each["LastModified"])

    def original(self, key: str) -> Object | None:
        """Return an object of the raw bucket; None if there is none."""
        try:
            head = self.s3.head_object(Bucket=self.outputs["RawBucket"], Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise
        return Object(key, head["ContentLength"], head["ETag"].strip('"'), head["LastModified"])

    @property
    def undelete_days(self) -> int:
        """How long deleted originals can be restored; 0 without versioning."""
        return int(self.outputs["UndeleteDays"])

    @property
    def retention_days(self) -> int:
        """Days after which a lifecycle rule deletes originals; 0: never."""
        return int(self.outputs["OriginalsRetention"])

    @property
    def deletes_originals(self) -> bool:
        """Whether the pipeline deletes originals after processing."""
        return self.outputs["DeleteOriginal"] != "off"

    def discard(self, key: str, entry: Entry | None) -> None:
        """Request that an image is deleted whose original is gone, or is about to be."""
        after = self.newest_sequencer(key, entry)
        change = new_request(key, entry["timestamp"] if entry else now(), after, kind="discarded")
        body = message_of(self.outputs["RawBucket"], change)
        self.sqs.send_message(QueueUrl=self.outputs["QueueUrl"], MessageBody=body)

    def versions(self, key: str) -> list[Version]:
        """Return the versions and delete markers of an original, the latest first."""
        return history(self.s3, self.outputs["RawBucket"], key)

    def entry(self, key: str) -> Entry:
        """Return the entry of an original. Raises ``CommandError`` if there is none."""
        entry = self.catalog.get(key)
        if entry is None:
            raise CommandError(f"The catalog has no entry {key!r}. `darkroom ls` lists them.")
        return entry

    def entries(self, keys: Collection[str]) -> dict[str, Entry]:
        """Return the entries of these originals by key, in a consistent read."""
        found: dict[str, Entry] = {}
        table = self.catalog.table
        for chunk in batched(keys, ENTRIES_AT_ONCE, strict=False):
            request: dict[str, KeysAndAttributesTypeDef] = {
                table: {
                    "Keys": [serialize({"filename": key}) for key in chunk],
                    "ConsistentRead": True,
                }
            }
            # DynamoDB returns the keys that it did not read.
            while request:
                response = self.catalog.dynamodb.batch_get_item(RequestItems=request)
                for item in response["Responses"].get(table, []):
                    entry = cast("Entry", deserialize(item))
                    found[entry["filename"]] = entry
                request = cast("dict[str, KeysAndAttributesTypeDef]", response["UnprocessedKeys"])
        return found

    def newest_sequencer(self, key: str, entry: Entry | None) -> str:
        """Return the newest known sequencer of a key (``processor.sqs.reprocess``)."""
        return self.renditions.newest_sequencer(key, entry)

    def queue_arn(self, queue: Queue) -> str:
        """Return a queue's ARN."""
        return self._attributes(queue, ["QueueArn"])[0]

    def queue_depths(self) -> dict[str, int]:
        """Return the approximate numbers of messages waiting, in flight and dead."""
        attributes = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        waiting, in_flight = (int(count) for count in self._attributes("QueueUrl", attributes))
        (dead,) = self._attributes("DeadLetterQueueUrl", attributes[:1])
        return {"waiting": waiting, "in flight": in_flight, "dead": int(dead)}

    def _attributes(self, queue: Queue, names: list[str]) -> list[str]:
        response = self.sqs.get_queue_attributes(
            QueueUrl=self.outputs[queue],
            AttributeNames=names,  # type: ignore[arg-type]
        )
        return [response["Attributes"][name] for name in names]  # type: ignore[index]


def key_name(name: str) -> str:
    """Return a file's name as part of a key: in Unicode's form NFC.

    macOS may return names in the form NFD. They look the same, and would be another key.
    """
    return unicodedata.normalize("NFC", name)


def path_of(key: str) -> Path:
    """Return the folder of a key's renditions, relative to the folder of all; each key has its own.

    File systems ignore empty segments: ``a//b``, ``a/b`` and ``/a/b`` would be one folder. An empty
    segment becomes ``%``, and one of percent signs gets one more.
    """
    return Path(*(f"{each}%" if not each.strip("%") else each for each in key.split("/")))


def _check_endpoint() -> None:
    """Raise ``NotDeployedError`` if the endpoint does not respond; boto3 retries for minutes."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        return
    try:
        httpx.get(endpoint, timeout=10)
    except httpx.HTTPError as error:
        raise NotDeployedError(
            f"The endpoint {endpoint} does not respond ({error}). If it is the emulator's, run "
            "`make up`."
        ) from error
