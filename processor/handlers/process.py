"""Lambda entry point: a batch of SQS messages, most of them from S3."""

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol

import boto3
import msgspec
from botocore.config import Config

from processor.catalog.claims import Claims
from processor.catalog.entries import Catalog
from processor.images import Limits, WatermarkImages, load_recipes
from processor.moderation.policy import screening
from processor.pipeline.memory_limiter import MemoryLimiter, cores
from processor.pipeline.process import Pipeline
from processor.pipeline.recipe_book import RecipeBook
from processor.settings import Settings
from processor.sqs.batch import WAITING_FOR_THE_NETWORK, Batch
from processor.storage.watermark_images import read_watermark_image
from processor.telemetry.attempts import Attempts, tracer
from processor.telemetry.log import logger
from processor.telemetry.metrics import MetricsBuffer


class Context(Protocol):
    """What Lambda tells of the invocation."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is ended."""


# Made once, while Lambda initializes the environment: clients are the slow part of a cold start.
settings = Settings.from_environment()
megabytes = int(settings.aws_lambda_function_memory_size)
processors = cores(megabytes)
threads = processors + WAITING_FOR_THE_NETWORK
senders = 4 * threads
config = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=threads + senders,
    tcp_keepalive=True,
)
s3 = boto3.client("s3", config=config)
sqs = boto3.client("sqs", config=config)
limits = Limits.within(megabytes)
workers = ThreadPoolExecutor(senders, thread_name_prefix="send")
pipeline = Pipeline(
    settings=settings,
    s3=s3,
    claims=Claims(Catalog(boto3.client("dynamodb", config=config), settings.catalog_table)),
    recipes=RecipeBook(load_recipes()),
    watermark_images=WatermarkImages(partial(read_watermark_image, s3, settings.buckets)),
    limits=limits,
    limiter=MemoryLimiter(processors, limits.max_memory),
    senders=workers,
    attempts=Attempts(tracer(settings)),
    screening=screening(config, workers),
)


def report(metrics: MetricsBuffer) -> None:
    """Write the metrics to the log, from where CloudWatch takes them."""
    for document in metrics.documents(settings.stack_name):
        sys.stdout.write(f"{msgspec.json.encode(document).decode()}\n")
    sys.stdout.flush()


def handler(event: dict[str, Any], context: Context) -> dict[str, list[dict[str, str]]]:
    """Work on every message; name those that are to be delivered again.

    The answer is Lambda's partial batch response, so that no message suffers for another.
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    logger.append_keys(request_id=context.aws_request_id)
    batch = Batch(
        pipeline, sqs, lambda: context.get_remaining_time_in_millis() / 1000, threads, report
    )
    return {"batchItemFailures": [{"itemIdentifier": each} for each in batch.run(event["Records"])]}
