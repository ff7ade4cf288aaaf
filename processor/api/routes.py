"""Routes: the operations of docs/reference/openapi.yaml by path and method."""

import time
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING

from processor.api.changes import Changes
from processor.api.clock import Clock
from processor.api.http.application import Application
from processor.api.http.cors import Cors
from processor.api.image_schema import image_of
from processor.api.images import Images
from processor.api.metadata import Metadata
from processor.api.presigning import PresigningClients
from processor.api.recipes import Recipes
from processor.api.restore import Restore
from processor.api.review import Review
from processor.api.stats import Stats
from processor.api.uploads import Uploads
from processor.api.variant_urls import VariantUrls
from processor.api.workflow import Workflow
from processor.catalog.entries import Catalog
from processor.catalog.feed import Feed
from processor.catalog.index import Index
from processor.images import Limits, load_recipes
from processor.pipeline.recipe_book import RecipeBook
from processor.settings import ApiSettings
from processor.sqs.reprocess import ReprocessQueue
from processor.step_functions.client import Executions
from processor.storage.renditions import Renditions
from processor.telemetry.log import logger as default_logger
from processor.variants.signing import Signer

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_lambda_powertools import Logger
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_stepfunctions import SFNClient


def application(
    settings: ApiSettings,
    s3: "S3Client",
    browser_s3: "S3Client",
    sqs: "SQSClient",
    dynamodb: "DynamoDBClient",
    stepfunctions: "SFNClient",
    ssm: "Callable[[], SSMClient]",
    *,
    clock: Clock = time,
    logger: "Logger" = default_logger,
    executor: Executor | None = None,
) -> Application:
    """Return the API over these services.

    ``browser_s3`` presigns the requests of browsers. ``ssm`` returns a client, which only signing
    URLs of variants needs. ``executor`` reads the index in parallel.
    """
    presigning = PresigningClients(s3, browser_s3)
    catalog = Catalog(dynamodb, settings.catalog_table)
    recipes = RecipeBook(load_recipes())
    renditions = Renditions(s3, settings.processed_bucket)
    executions = Executions(stepfunctions, settings.workflow)
    uploads = Uploads(
        presigning, settings.raw_bucket, recipes.named, Limits.within(settings.function_memory)
    )
    workflow = Workflow(executions, catalog, renditions)
    reprocess = ReprocessQueue(sqs, settings.queue_url, settings.raw_bucket, catalog, renditions)
    images = Images(
        s3=s3,
        presigning=presigning,
        bucket=settings.raw_bucket,
        catalog=catalog,
        reprocess=reprocess,
        workflow=workflow,
        recipes=recipes,
        site_url=settings.site_url,
        variants=settings.variants,
        signs_variants=bool(settings.signing_key),
        originals_allowed=settings.originals == "on",
        index=Index(dynamodb, settings.index_table, executor),
        changes=Changes(
            Feed(dynamodb, settings.index_table, clock.time),
            catalog,
            partial(
                image_of,
                site_url=settings.site_url,
                variants=settings.variants,
                is_signable=bool(settings.signing_key),
            ),
            settings.feed_wait,
            clock,
        ),
        deletes_originals=settings.delete_original == "after-processing",
        retention_days=settings.originals_retention,
    )
    restore = Restore(s3, settings.raw_bucket, catalog, renditions, settings.undelete_days)
    signer = Signer(ssm, settings.signing_key, clock.monotonic) if settings.signing_key else None
    stats = Stats(sqs, settings.queue_url, settings.dead_letter_queue_url, catalog, clock)
    return Application(
        {
            "/uploads": {"POST": uploads.create},
            "/images": {"GET": images.list},
            "/images/{key}": {
                "GET": images.get,
                "PATCH": Metadata(catalog, reprocess, images.describe).edit,
                "DELETE": images.delete,
            },
            "/images/{key}/similar": {"GET": images.similar},
            "/images/{key}/process": {"POST": images.process},
            "/images/{key}/restore": {"POST": restore.restore},
            "/images/{key}/review": {"POST": Review(executions, catalog, clock).decide},
            "/images/{key}/workflow": {"GET": workflow.get},
            "/images/{key}/original": {"GET": images.original},
            "/images/{key}/variant-urls": {
                "POST": VariantUrls(catalog, signer, settings.site_url).sign
            },
            "/recipes": {"GET": Recipes(recipes.named).list},
            "/stats": {"GET": stats.get},
        },
        Cors(settings.trusted_origins),
        logger,
    )
