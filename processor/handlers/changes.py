"""Lambda entry point of the catalog's stream: each write of an entry, in order."""

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
from processor.settings import ChangesSettings, from_environment
from processor.sqs.expiries import Expiries
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
executor = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="index")
consumers: tuple["Consumer", ...] = (
    EventBus(events, settings.event_bus).publish,
    Expiries(boto3.client("sqs", config=config), settings.queue_url, settings.raw_bucket).request,
    FeedWriter(Feed(dynamodb, settings.index_table)).write,
    IndexWriter(Index(dynamodb, settings.index_table, executor)).write,
)


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, list[dict[str, str]]]:
    """Give the records to all consumers; return the first one to receive again with its successors.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """
    logger.append_keys(request_id=context.aws_request_id)
    failed = consume(event["Records"], consumers)
    return {"batchItemFailures": [] if failed is None else [{"itemIdentifier": failed}]}
