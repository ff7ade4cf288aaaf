"""Lambda entry point: a batch of SQS messages, most of them from S3."""

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import boto3
import msgspec
from botocore.config import Config

from processor.catalog.claims import Claims
from processor.catalog.duplicates import Duplicates
from processor.catalog.entries import Catalog
from processor.images import Limits, WatermarkImages, load_recipes
from processor.moderation.policy import Moderation
from processor.moderation.rekognition import Rekognition
from processor.pipeline.memory_limiter import MemoryLimiter, cores
from processor.pipeline.process import Pipeline
from processor.pipeline.recipe_book import RecipeBook
from processor.settings import ProcessSettings, from_environment
from processor.sqs.batch import NETWORK_THREADS, Batch
from processor.sqs.deliveries import Deliveries
from processor.sqs.late_sweeps import LateSweeps
from processor.step_functions.client import Executions
from processor.storage.watermark_images import read_watermark_image
from processor.telemetry.attempt import tracer
from processor.telemetry.log import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from processor.change import Change
    from processor.telemetry.metrics import MetricsBuffer

# Created once, while Lambda initializes the environment: clients are the slow part of a cold start.
settings = from_environment(ProcessSettings)
processors = cores(settings.aws_lambda_function_memory_size)
threads = processors + NETWORK_THREADS
connections = 4 * threads
config = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=threads + connections,
    tcp_keepalive=True,
)
s3 = boto3.client("s3", config=config)
sqs = boto3.client("sqs", config=config)
dynamodb = boto3.client("dynamodb", config=config)
catalog = Catalog(dynamodb, settings.catalog_table)
late_sweeps = LateSweeps(sqs, settings.queue_url, settings.raw_bucket)
limits = Limits.within(settings.aws_lambda_function_memory_size)
executor = ThreadPoolExecutor(connections, thread_name_prefix="requests")


@cache
def executions() -> Executions:
    """Return the workflow's executions; few images are held, so that most need no client."""
    return Executions(boto3.client("stepfunctions", config=config), settings.workflow)


def start_review(change: "Change") -> str:
    """Start the workflow for a held image; return the execution's name."""
    return executions().start(change)


def end_review(token: str) -> None:
    """End the execution that waits for the review of a superseded image."""
    executions().end_review(token)


moderation = None
if settings.questions:
    rekognition = boto3.client("rekognition", config=config)
    moderation = Moderation(Rekognition(rekognition, settings, executor), start_review)
deliveries = Deliveries(
    Pipeline(
        settings=settings,
        s3=s3,
        claims=Claims(catalog, end_review=end_review, undelete_days=settings.undelete_days),
        recipes=RecipeBook(load_recipes()),
        watermark_images=WatermarkImages(partial(read_watermark_image, s3, settings.buckets)),
        limits=limits,
        limiter=MemoryLimiter(processors, limits.max_memory),
        executor=executor,
        moderation=moderation,
        duplicates=Duplicates(
            dynamodb, settings.index_table, catalog, refuses=settings.duplicates == "refuse"
        ),
        sweep_later=late_sweeps.request if settings.variants != "off" else lambda _: None,
    ),
    tracer(settings.tracing),
)


def report(metrics: "MetricsBuffer") -> None:
    """Write the metrics to the log, from where CloudWatch extracts them."""
    for document in metrics.documents(settings.stack_name):
        sys.stdout.write(f"{msgspec.json.encode(document).decode()}\n")
    sys.stdout.flush()


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, list[dict[str, str]]]:
    """Process every message, and return those to receive again as a partial batch response.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    logger.append_keys(request_id=context.aws_request_id)
    batch = Batch(
        deliveries,
        sqs,
        settings.queue_url,
        settings.max_receive_count,
        lambda: context.get_remaining_time_in_millis() / 1000,
        threads,
        report,
    )
    return {"batchItemFailures": [{"itemIdentifier": each} for each in batch.run(event["Records"])]}
