"""Lambda entry point: the steps of the workflow."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from processor.catalog.claims import Claims
from processor.catalog.duplicates import Duplicates
from processor.catalog.entries import Catalog
from processor.images import Limits, WatermarkImages, load_recipes
from processor.pipeline.memory_limiter import MemoryLimiter
from processor.pipeline.process import Pipeline
from processor.pipeline.recipe_book import RecipeBook
from processor.settings import WorkflowSettings, from_environment
from processor.sqs.late_sweeps import LateSweeps
from processor.sqs.reprocess import ReprocessQueue
from processor.step_functions.client import Executions
from processor.storage.watermark_images import read_watermark_image
from processor.telemetry.log import logger
from processor.workflow.dispatch import run
from processor.workflow.drafts import Drafts
from processor.workflow.previews import Previews
from processor.workflow.steps import Steps

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# Created once, while Lambda initializes the environment: clients are the slow part of a cold start.
settings = from_environment(WorkflowSettings)
config = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
    tcp_keepalive=True,
)
s3 = boto3.client("s3", config=config)
sqs = boto3.client("sqs", config=config)
late_sweeps = LateSweeps(sqs, settings.queue_url, settings.raw_bucket)
dynamodb = boto3.client("dynamodb", config=config)
catalog = Catalog(dynamodb, settings.catalog_table)
limits = Limits.within(settings.aws_lambda_function_memory_size)


def end_review(token: str) -> None:
    """End another execution, which waits for the review of a superseded image."""
    # Few do, so that most environments need no client. No state machine has to be named.
    Executions(boto3.client("stepfunctions", config=config), "").end_review(token)


pipeline = Pipeline(
    settings=settings,
    s3=s3,
    claims=Claims(catalog, end_review=end_review, undelete_days=settings.undelete_days),
    recipes=RecipeBook(load_recipes()),
    watermark_images=WatermarkImages(partial(read_watermark_image, s3, settings.buckets)),
    limits=limits,
    limiter=MemoryLimiter(1, limits.max_memory),
    executor=ThreadPoolExecutor(8, thread_name_prefix="requests"),
    duplicates=Duplicates(
        dynamodb, settings.index_table, catalog, refuses=settings.duplicates == "refuse"
    ),
    sweep_later=late_sweeps.request if settings.variants != "off" else lambda _: None,
)
steps = Steps(
    settings=settings,
    pipeline=pipeline,
    reprocess=ReprocessQueue(
        sqs,
        settings.queue_url,
        settings.raw_bucket,
        catalog,
        pipeline.renditions,
    ),
    previews=Previews(s3, settings.processed_bucket, limits),
    drafts=Drafts(s3, settings.processed_bucket),
)


def handler(event: dict[str, Any], context: "LambdaContext") -> Any:  # noqa: ANN401 (each step's own)
    """Run one step: its name, the execution's name, and the state machine's state.

    The event may hold a task token, which no log line contains.
    """
    logger.append_keys(request_id=context.aws_request_id)
    return run(steps, event, lambda: context.get_remaining_time_in_millis() / 1000)
