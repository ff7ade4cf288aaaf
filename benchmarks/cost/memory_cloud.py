"""AWS services in memory, below boto3: requests are built and signed, but not sent.

The measurement has the CPU time of a request except TLS, and counts requests and bytes as AWS does.
"""

import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

KB = 1024
EVENT_BYTES = 64 * KB
"""An event is billed once for each part of this size."""
ETAG = "0123456789abcdef0123456789abcdef"
"""Of every object."""

NEWEST = "feed#newest"
"""Where the feed's newest number is among the items."""

ITEM_OVERHEAD = 100
"""Bytes that DynamoDB adds to each item for storage, in the table and in each index."""

PARTITIONS = ("shard", "status_shard")
"""Partition keys of the catalog's indexes."""


class Stream(io.BytesIO):
    """A response's body, as botocore reads it."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        """Yield the whole body."""
        yield self.read()


class MemoryCloud:
    """S3, DynamoDB, SQS and EventBridge.

    They have the operations of first renderings, of what follows those, and of first variants.
    """

    def __init__(self) -> None:
        self.original = b""
        self.recipe = "default"
        self.forget()

    def forget(self) -> None:
        """Reset all counts."""
        self.requests: Counter[str] = Counter()
        self.rendition_bytes = 0
        self.writes = 0
        """Write units, without those of buckets."""
        self.buckets = 0
        """Changes of buckets of perceptual hashes, whose units depend on the catalog's size."""
        self.events = 0
        self.indexed_bytes = 0
        """Bytes of the index's items, as DynamoDB stores them, without the feed's."""
        self.stream: list[dict[str, Any]] = []
        """Records of the catalog's stream."""
        self.items: dict[str, dict[str, Any]] = {}

    def publish(self, key: str) -> None:
        """Have an entry of the original under a key, whose variants may be requested."""
        entry = {
            "filename": key,
            "status": "done",
            "sequencer": "0055AED6DCD90281E5",
            "etag": ETAG,
            "recipe": self.recipe,
        }
        self.items[key] = {name: {"S": value} for name, value in entry.items()}

    def attach(self, client: Any) -> None:  # noqa: ANN401 (any client of boto3)
        """Respond to a client's requests instead of the network."""
        client.meta.events.register("before-send", self._respond)

    def _respond(
        self, request: AWSPreparedRequest, event_name: str, **_: object
    ) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        self.requests[operation] += 1
        headers: dict[str, str] = {"ETag": f'"{ETAG}"'}
        content = b""
        if operation == "GetObject":
            headers |= {"x-amz-meta-recipe": self.recipe}
            content = self.original
        elif operation == "PutObject":
            self.rendition_bytes += _length(request)
        elif operation == "UpdateItem":
            content = self._update(json.loads(_body(request)))
        elif operation == "PutItem":
            self.writes += 1  # The first image of these bytes.
            content = b"{}"
        elif operation == "GetItem":
            content = self._get_item(json.loads(_body(request))["Key"])
        elif operation == "BatchWriteItem":
            self._write_index(json.loads(_body(request))["RequestItems"])
            content = b"{}"
        elif operation == "TransactWriteItems":
            self._transact(json.loads(_body(request))["TransactItems"])
            content = b"{}"
        elif operation == "PutEvents":
            entries = json.loads(_body(request))["Entries"]
            self.events += sum(-(-len(each["Detail"].encode()) // EVENT_BYTES) for each in entries)
            content = json.dumps({"Entries": [{"EventId": "1"} for _ in entries]}).encode()
        elif operation == "ListObjectsV2":
            content = b"<ListBucketResult/>"  # No variant is stored.
        else:
            raise NotImplementedError(f"{operation} of {unquote(urlsplit(request.url).path)}")
        headers["Content-Length"] = str(len(content))
        return AWSResponse(request.url, 200, headers, Stream(content))  # type: ignore[arg-type]

    def _get_item(self, key: Mapping[str, Any]) -> bytes:
        """Return an entry, or the feed's newest number."""
        name = key["filename"]["S"] if "filename" in key else NEWEST
        return json.dumps({"Item": self.items[name]} if name in self.items else {}).encode()

    def _update(self, request: Mapping[str, Any]) -> bytes:
        """Update an entry, or a bucket of the index."""
        if "filename" in request["Key"]:
            return json.dumps({"Attributes": self._update_item(request)}).encode()
        # Different images have different buckets; those of the measurement are the same image.
        texts = request["ExpressionAttributeValues"][":texts"]["SS"]
        self.buckets += len(texts)
        self.indexed_bytes += sum(len(text.encode()) for text in texts)
        return b"{}"

    def _write_index(self, tables: Mapping[str, Any]) -> None:
        for items in tables.values():
            for each in items:
                size = item_size(each["PutRequest"]["Item"])
                self.writes += -(-size // KB)
                self.indexed_bytes += size + ITEM_OVERHEAD

    def _transact(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Write the feed's records and its newest number; a write of a transaction costs two."""
        for each in items:
            if "Update" in each:
                number = each["Update"]["ExpressionAttributeValues"][":next"]
                self.items[NEWEST] = {"number": number}
                self.writes += 2
            else:
                self.writes += 2 * -(-item_size(each["Put"]["Item"]) // KB)

    def _update_item(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        key = request["Key"]["filename"]["S"]
        before = self.items.get(key, {})
        written = {
            name.removeprefix(":new_"): value
            for name, value in request["ExpressionAttributeValues"].items()
            if name.startswith(":new_")
        }
        removed = re.findall(r"#(\w+)", request["UpdateExpression"].partition(" REMOVE ")[2])
        kept = {name: each for name, each in before.items() if name not in removed}
        item = {**kept, **request["Key"], **written}
        # DynamoDB bills the larger of the old and new item.
        self.writes += -(-max(item_size(item), item_size(before)) // KB)
        for partition in PARTITIONS:
            keys, old = (
                [each.get(name) for name in (partition, "timestamp")] for each in (item, before)
            )
            if keys != old:
                # A changed key of an index is a deletion and an addition there.
                self.writes += (None not in keys) + (None not in old)
        self.items[key] = item
        images = {"OldImage": before, "NewImage": item}
        self.stream.append(
            {
                "dynamodb": {
                    "Keys": request["Key"],
                    "SequenceNumber": str(len(self.stream) + 1),
                    **{name: each for name, each in images.items() if each},
                }
            }
        )
        return item


def item_size(item: Mapping[str, Any]) -> int:
    """Return the bytes of an item, as DynamoDB counts them.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            # "Approximately ... 1 byte per two significant digits + 1 byte"
            return -(-len(content.strip("-0").replace(".", "")) // 2) + 1
        case "M":
            return 3 + len(content) + item_size(content)
        case "L":
            return 3 + len(content) + sum(map(_value_size, content))
        case "BOOL" | "NULL":
            return 1
    raise NotImplementedError(kind)


def _body(request: AWSPreparedRequest) -> bytes:
    body: Any = request.body
    if hasattr(body, "read"):
        body = body.read()
    return body.encode() if isinstance(body, str) else bytes(body or b"")


def _length(request: AWSPreparedRequest) -> int:
    """Return the length of an object, which may be sent in chunks with a trailing checksum."""
    sent = len(_body(request))
    return int(request.headers.get("X-Amz-Decoded-Content-Length", sent))
