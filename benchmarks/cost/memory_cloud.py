"""AWS played by memory, below boto3: requests are made, signed and read as they are, but not sent.

So the processor time of a request is in the measurement, but for TLS; and what is asked for is
counted as AWS counts it.
"""

import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

KB = 1024


class Stream(io.BytesIO):
    """A response's body, as botocore reads it."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        """All of it at once."""
        yield self.read()


class MemoryCloud:
    """Answers for S3, DynamoDB and SQS, as far as an original's first rendering asks them."""

    def __init__(self) -> None:
        self.original = b""
        self.recipe = "default"
        self.forget()

    def forget(self) -> None:
        """Begin to count anew."""
        self.requests: Counter[str] = Counter()
        self.rendition_bytes = 0
        self.writes = 0
        self.sizes: dict[str, int] = {}
        """Of the items, by key."""

    def attach(self, client: Any) -> None:  # noqa: ANN401 (any of boto3's)
        """Answer in place of the network."""
        client.meta.events.register("before-send", self._answer)

    def _answer(
        self, request: AWSPreparedRequest, event_name: str, **_: object
    ) -> AWSResponse | None:
        operation = event_name.rpartition(".")[2]
        self.requests[operation] += 1
        headers: dict[str, str] = {"ETag": '"0123456789abcdef0123456789abcdef"'}
        content = b""
        if operation == "GetObject":
            headers |= {"x-amz-meta-recipe": self.recipe}
            content = self.original
        elif operation == "PutObject":
            self.rendition_bytes += _length(request)
        elif operation == "PutItem":
            self._put_item(json.loads(_body(request)))
            content = b"{}"
        else:
            raise NotImplementedError(f"{operation} of {unquote(urlsplit(request.url).path)}")
        headers["Content-Length"] = str(len(content))
        return AWSResponse(request.url, 200, headers, Stream(content))  # type: ignore[arg-type]

    def _put_item(self, request: Mapping[str, Any]) -> None:
        key, size = request["Item"]["filename"]["S"], item_size(request["Item"])
        # The larger of what was there and what is; the same again for the index, which has it all.
        self.writes += 2 * -(-max(size, self.sizes.get(key, 0)) // KB)
        self.sizes[key] = size


def item_size(item: Mapping[str, Any]) -> int:
    """Bytes of an item, as DynamoDB counts them.

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
    """Of an object's bytes, which may be sent in chunks with a checksum at the end."""
    sent = len(_body(request))
    return int(request.headers.get("X-Amz-Decoded-Content-Length", sent))
