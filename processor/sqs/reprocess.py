"""Reprocessing: messages that request the work on an original again."""

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote_plus

from processor.catalog.entries import Catalog
from processor.change import SEQUENCER_DIGITS, Change
from processor.sqs.refocus import refocused
from processor.sqs.s3_events import OURS, VERSION
from processor.storage.renditions import Renditions

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def new_request(
    key: str,
    written: str,
    after: str,
    recipe: str | None = None,
    kind: Literal["requested", "discarded"] = "requested",
) -> Change:
    """Return a request, made now, that an original is processed again, or its image deleted.

    ``written`` is when S3 stored the original. The request is newer than the change with the
    sequencer ``after``, and older than the next write of the key, which supersedes it. ``recipe``
    is a name, or a recipe as JSON, to use instead of the original's own.
    """
    written_as, _, requested = after.partition(".")
    # The last request may come from a machine whose clock is ahead.
    moment = max(time.time_ns(), int(requested or "0", 16) + 1)
    sequencer = f"{written_as[:SEQUENCER_DIGITS].ljust(SEQUENCER_DIGITS, '0')}.{moment:016X}"
    return Change(kind, key, written, sequencer, recipe=recipe)


def message_of(bucket: str, request: Change) -> str:
    """Return the body of the message that carries a request, an edit, a late sweep or an expiry."""
    return json.dumps(
        {
            "Records": [
                {
                    "eventVersion": f"{VERSION}1",
                    "eventSource": OURS,
                    "eventTime": request.time,
                    "eventName": request.kind.capitalize(),
                    "recipe": request.recipe,
                    "s3": {
                        "bucket": {"name": bucket},
                        "object": {
                            "key": quote_plus(request.key),
                            "sequencer": request.sequencer,
                        },
                    },
                }
            ]
        }
    )


@dataclass(frozen=True, slots=True)
class ReprocessQueue:
    """Sends requests to the queue."""

    sqs: "SQSClient"
    queue_url: str
    raw_bucket: str
    catalog: Catalog
    renditions: Renditions

    def refocus(self, key: str, written: str) -> None:
        """Request the renditions that follow an image's focal point.

        ``written`` is when S3 stored the original.
        """
        body = message_of(self.raw_bucket, refocused(key, written))
        self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=body)

    def discard(self, key: str, written: str) -> None:
        """Request that an image is deleted whose original is gone, or is about to be."""
        self.enqueue(key, written, kind="discarded")

    def enqueue(
        self,
        key: str,
        written: str,
        recipe: str | None = None,
        kind: Literal["requested", "discarded"] = "requested",
    ) -> str:
        """Request that an original is processed again; return the sequencer of the request.

        ``written`` is when S3 stored the original; ``recipe`` is a name or a recipe as JSON, to
        use instead of the original's own.
        """
        after = self.renditions.newest_sequencer(key, self.catalog.get(key))
        request = new_request(key, written, after, recipe, kind)
        body = message_of(self.raw_bucket, request)
        self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=body)
        return request.sequencer
