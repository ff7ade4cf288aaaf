"""Lambda entry point: the steps of the workflow that are functions."""

from functools import partial
from typing import Any, Protocol

import boto3
from botocore.config import Config

from processor.catalog.claims import Claims
from processor.catalog.entries import Catalog
from processor.images import Limits, WatermarkImages, load_recipes
from processor.pipeline.recipe_book import RecipeBook
from processor.settings import Settings
from processor.sqs.reprocess import ReprocessQueue
from processor.storage.renditions import Renditions
from processor.storage.watermark_images import read_watermark_image
from processor.telemetry.log import logger
from processor.workflow.dispatch import run
from processor.workflow.drafts import Drafts
from processor.workflow.previews import Copies
from processor.workflow.settings import WorkflowSettings
from processor.workflow.steps import Steps


class Context(Protocol):
    """What Lambda tells of the invocation."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function is ended."""


# Made once, while Lambda initializes the environment: clients are the slow part of a cold start.
settings = Settings.from_environment()
config = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
    tcp_keepalive=True,
)
s3 = boto3.client("s3", config=config)
catalog = Catalog(boto3.client("dynamodb", config=config), settings.catalog_table)
renditions = Renditions(s3, settings.processed_bucket)
limits = Limits.within(int(settings.aws_lambda_function_memory_size))
steps = Steps(
    settings=settings,
    workflow=WorkflowSettings.from_environment(),
    s3=s3,
    sns=boto3.client("sns", config=config),
    claims=Claims(catalog),
    recipes=RecipeBook(load_recipes()),
    watermark_images=WatermarkImages(partial(read_watermark_image, s3, settings.buckets)),
    limits=limits,
    reprocess=ReprocessQueue(
        boto3.client("sqs", config=config),
        settings.queue_url,
        settings.raw_bucket,
        catalog,
        renditions,
    ),
    renditions=renditions,
    copies=Copies(s3, settings.processed_bucket, limits),
    drafts=Drafts(s3, settings.processed_bucket),
)


def handler(event: dict[str, Any], context: Context) -> Any:  # noqa: ANN401 (a step's own answer)
    """Do one step: its name, the execution's, and what the state machine gives it.

    The event may hold a task token: it is in no line of the log.
    """
    logger.append_keys(request_id=context.aws_request_id)
    return run(steps, event, context.get_remaining_time_in_millis() / 1000)
