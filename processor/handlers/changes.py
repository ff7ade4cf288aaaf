"""Lambda entry point of events: each write of an entry, in order, and each stored variant."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from processor.catalog.feed import Feed
from processor.catalog.index import Index
from processor.events.bus import EventBus
from processor.events.feed_writer import FeedWriter
from processor.events.index_writer import IndexWriter
from processor.events.records import consume
from processor.events.variants import VariantEvents
from processor.settings import ChangesSettings, from_environment
from processor.sqs.expiries import Expiries
from processor.sqs.s3_events import read_notification
from processor.storage.variants import Variants
from processor.telemetry.log import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from processor.events.records import Consumer

CONNECTIONS = 8
"""Writes of the index in parallel."""

# Created once, while Lambda initializes the environment: clients are the slow part of a cold start.
settings = from_environment(ChangesSettings)
config = Config(
    connect_timeout=3,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    tcp_keepalive=True,
)
dynamodb = boto3.client("dynamodb", config=config)
events = boto3.client("events", config=config)
bus = EventBus(events, settings.event_bus)
executor = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="index")
consumers: tuple["Consumer", ...] = (
    bus.publish,
    Expiries(boto3.client("sqs", config=config), settings.queue_url, settings.raw_bucket).request,
    FeedWriter(Feed(dynamodb, settings.index_table)).write,
    IndexWriter(Index(dynamodb, settings.index_table, executor)).write,
)
variant_events = (
    VariantEvents(Variants(boto3.client("s3", config=config), settings.processed_bucket), bus)
    if settings.processed_bucket
    else None
)


def handler(
    event: dict[str, Any], context: "LambdaContext"
) -> dict[str, list[dict[str, str]]] | None:
    """Give the records to all consumers; return the first one to receive again with its successors.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html

    A notification of S3 is an asynchronous invocation: it raises what Lambda has to retry.
    """
    logger.append_keys(request_id=context.aws_request_id)
    records = event.get("Records")
    if not records or "dynamodb" not in records[0]:
        _publish_variants(event)
        return None
    failed = consume(records, consumers)
    return {"batchItemFailures": [] if failed is None else [{"itemIdentifier": failed}]}


def _publish_variants(notification: dict[str, Any]) -> None:
    if variant_events is None:
        logger.warning("notification ignored", reason="VariantEvents is off")
        return
    changes = read_notification(notification, settings.processed_bucket)
    variant_events.publish([each for each in changes if each.kind == "created"])
