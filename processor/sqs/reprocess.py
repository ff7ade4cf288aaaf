"""Requests for the work on an original to be done again."""

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from botocore.exceptions import ClientError

from processor.catalog.entries import Catalog, Entry
from processor.change import SEQUENCER_DIGITS, UNKNOWN_SEQUENCER
from processor.sqs.s3_events import OURS, VERSION, read_message
from processor.storage.renditions import MISSING, Renditions

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def newest_change(renditions: Renditions, key: str, entry: Entry | None) -> str:
    """The newest sequencer that the entry of an original and its stored renditions know.

    A rendition may know a newer one: where an entry was lost, or an old one restored. A request
    that came after the entry alone would be out of date beside it.
    """
    known = [entry["sequencer"]] if entry else [UNKNOWN_SEQUENCER]
    for target in renditions.list(key):
        try:
            head = renditions.s3.head_object(Bucket=renditions.bucket, Key=target)
        except ClientError as error:
            if error.response["Error"]["Code"] not in MISSING:
                raise
        else:
            known.append(head["Metadata"].get("sequencer", ""))
    return max(known)


def request_message(
    bucket: str, key: str, written: str, after: str, recipe: str | None = None
) -> str:
    """The body of a message that asks for the work on a key to be done again.

    ``written`` is when S3 took the original, ``after`` the sequencer in its catalog entry
    (``UNKNOWN_SEQUENCER`` where it has none), ``recipe`` the name of one to use instead of the
    original's own, or one itself, as JSON. A newer write of the key wins against the request.
    """
    return json.dumps(
        {
            "Records": [
                {
                    "eventVersion": f"{VERSION}1",
                    "eventSource": OURS,
                    "eventTime": written,
                    "eventName": "Requested",
                    "recipe": recipe,
                    "s3": {
                        "bucket": {"name": bucket},
                        "object": {"key": quote_plus(key), "sequencer": _later(after)},
                    },
                }
            ]
        }
    )


@dataclass(frozen=True, slots=True)
class ReprocessQueue:
    """Sends requests, one at a time."""

    sqs: "SQSClient"
    queue_url: str
    raw_bucket: str
    catalog: Catalog
    renditions: Renditions

    def enqueue(self, key: str, written: str, recipe: str | None = None) -> str:
        """Ask for a key's outcome to be brought in line with what is in the raw bucket.

        ``written`` is when S3 took the original; ``recipe`` a recipe's name, or one as JSON, to use
        instead of the original's own. Answers the sequencer that the outcome will have at least.
        """
        after = newest_change(self.renditions, key, self.catalog.get(key))
        body = request_message(self.raw_bucket, key, written, after, recipe)
        self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=body)
        (change,) = read_message(body, self.raw_bucket)
        return change.sequencer


def _later(sequencer: str) -> str:
    return f"{sequencer[:SEQUENCER_DIGITS].ljust(SEQUENCER_DIGITS, '0')}.{time.time_ns():016X}"
