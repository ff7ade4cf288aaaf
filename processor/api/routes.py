"""Which operation answers where: docs/openapi.yaml, as a table."""

from typing import TYPE_CHECKING

from processor.api.http.application import Application
from processor.api.http.cors import Cors
from processor.api.images import Images
from processor.api.recipes import Recipes
from processor.api.review import Workflows
from processor.api.signers import Signers
from processor.api.stats import Stats
from processor.api.uploads import Uploads
from processor.catalog.entries import Catalog
from processor.images import Limits, load_recipes
from processor.pipeline.recipe_book import RecipeBook
from processor.settings import ApiSettings
from processor.sqs.reprocess import ReprocessQueue
from processor.step_functions.client import Executions
from processor.storage.renditions import Renditions

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient


def application(
    settings: ApiSettings,
    s3: "S3Client",
    browsers_s3: "S3Client",
    sqs: "SQSClient",
    dynamodb: "DynamoDBClient",
    stepfunctions: "SFNClient",
) -> Application:
    """The API over these services; ``browsers_s3`` signs what browsers send to S3."""
    signers = Signers(s3, browsers_s3)
    catalog = Catalog(dynamodb, settings.catalog_table)
    recipes = RecipeBook(load_recipes())
    renditions = Renditions(s3, settings.processed_bucket)
    uploads = Uploads(
        signers, settings.raw_bucket, recipes.named, Limits.within(settings.function_memory)
    )
    workflows = Workflows(
        Executions(stepfunctions, settings.workflow), catalog, renditions, settings.raw_bucket
    )
    images = Images(
        s3=s3,
        signers=signers,
        bucket=settings.raw_bucket,
        catalog=catalog,
        reprocess=ReprocessQueue(sqs, settings.queue_url, settings.raw_bucket, catalog, renditions),
        workflows=workflows,
        recipes=recipes,
        site_url=settings.site_url,
        gives_originals=settings.originals == "on",
    )
    stats = Stats(sqs, settings.queue_url, settings.dead_letter_queue_url, catalog)
    return Application(
        {
            "/uploads": {"POST": uploads.create},
            "/images": {"GET": images.list},
            "/images/{key}": {"GET": images.get, "DELETE": images.delete},
            "/images/{key}/process": {"POST": images.process},
            "/images/{key}/review": {"POST": workflows.review},
            "/images/{key}/workflow": {"GET": workflows.get},
            "/images/{key}/original": {"GET": images.original},
            "/recipes": {"GET": Recipes(recipes.named).list},
            "/stats": {"GET": stats.get},
        },
        Cors(settings.trusted_origins),
    )
