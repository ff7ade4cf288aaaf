"""Requests for the work on an original to be done again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from processor.catalog import Catalog, Entry
from processor.events import UNKNOWN_SEQUENCER, read_message, request_message
from processor.renditions import MISSING, Renditions

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


@dataclass(frozen=True, slots=True)
class Requests:
    """Sends requests, one at a time."""

    sqs: "SQSClient"
    queue_url: str
    raw_bucket: str
    catalog: Catalog
    renditions: Renditions

    def ask(self, key: str, written: str, recipe: str | None = None) -> str:
        """Ask for a key's outcome to be brought in line with what is in the raw bucket.

        ``written`` is when S3 took the original; ``recipe`` a recipe's name, or one as JSON, to use
        instead of the original's own. Answers the sequencer that the outcome will have at least.
        """
        after = newest_change(self.renditions, key, self.catalog.get(key))
        body = request_message(self.raw_bucket, key, written, after, recipe)
        self.sqs.send_message(QueueUrl=self.queue_url, MessageBody=body)
        (change,) = read_message(body, self.raw_bucket)
        return change.sequencer
