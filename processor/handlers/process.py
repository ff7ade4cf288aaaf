"""Lambda entry point: a batch of SQS messages that S3 wrote."""

from functools import partial
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from processor.catalog import Catalog
from processor.events import read_message
from processor.images import Limits, Marks, load_recipes
from processor.pipeline import Pipeline
from processor.settings import Settings
from processor.storage import read_mark

logger = Logger()

MAX_ATTEMPTS = 3
"""After as many, the queue gives a message to the dead-letter queue (template.yaml)."""

# Made once, while Lambda initialises the environment: clients are the slow part of a cold start.
settings = Settings.from_environment()
s3 = boto3.client("s3")
buckets = {"raw": settings.raw_bucket, "processed": settings.processed_bucket}
pipeline = Pipeline(
    settings=settings,
    s3=s3,
    catalog=Catalog(boto3.client("dynamodb"), settings.catalog_table),
    recipes=load_recipes(),
    marks=Marks(partial(read_mark, s3, buckets)),
    limits=Limits.within(int(settings.aws_lambda_function_memory_size)),
)


def handler(event: dict[str, Any], _context: object) -> dict[str, list[dict[str, str]]]:
    """Process every message; name those that are to be delivered again.

    The answer is Lambda's partial batch response, so that no message suffers for another.
    """
    failed = []
    for message in event["Records"]:
        try:
            attempt = int(message["attributes"]["ApproximateReceiveCount"])
            for created in read_message(message["body"]):
                pipeline.process(created, is_last_attempt=attempt >= MAX_ATTEMPTS)
        except Exception:
            logger.exception("delivery failed", message_id=message["messageId"])
            failed.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failed}
