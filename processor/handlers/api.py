"""Lambda entry point: requests that API Gateway hands over (REST, Lambda proxy)."""

from typing import Any

import boto3
from botocore.config import Config

from processor.api.application import Application, Routes
from processor.api.cors import Cors
from processor.api.images import Images
from processor.api.recipes import Recipes
from processor.api.settings import ApiSettings
from processor.api.stats import Stats
from processor.api.uploads import Uploads
from processor.catalog import Catalog
from processor.images import Limits, load_recipes
from processor.recipe_book import RecipeBook
from processor.renditions import Renditions
from processor.requests import Requests

# Made once, while Lambda initialises the environment: clients are the slow part of a cold start.
settings = ApiSettings.from_environment()
config = Config(
    connect_timeout=2,
    read_timeout=4,
    # API Gateway gives up after 29 seconds.
    retries={"mode": "standard", "total_max_attempts": 2},
    tcp_keepalive=True,
)
presigning = Config(
    signature_version="s3v4",
    # Browsers are not to be redirected to the bucket's region: their preflights would fail.
    s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
)
s3 = boto3.client("s3", config=config.merge(presigning))
sqs = boto3.client("sqs", config=config)
catalog = Catalog(boto3.client("dynamodb", config=config), settings.catalog_table)
recipes = RecipeBook(load_recipes())
images = Images(
    s3=s3,
    bucket=settings.raw_bucket,
    catalog=catalog,
    requests=Requests(
        sqs=sqs,
        queue_url=settings.queue_url,
        raw_bucket=settings.raw_bucket,
        catalog=catalog,
        renditions=Renditions(s3, settings.processed_bucket),
    ),
    recipes=recipes,
    site_url=settings.site_url,
    gives_originals=settings.originals,
)
uploads = Uploads(
    s3=s3,
    bucket=settings.raw_bucket,
    recipes=recipes.named,
    limits=Limits.within(settings.function_memory),
)
stats = Stats(
    sqs=sqs,
    queue_url=settings.queue_url,
    dead_letter_queue_url=settings.dead_letter_queue_url,
    catalog=catalog,
)
routes: Routes = {
    "/uploads": {"POST": uploads.create},
    "/images": {"GET": images.list},
    "/images/{key}": {"GET": images.get, "DELETE": images.delete},
    "/images/{key}/process": {"POST": images.process},
    "/images/{key}/original": {"GET": images.original},
    "/recipes": {"GET": Recipes(recipes.named).list},
    "/stats": {"GET": stats.get},
}
application = Application(routes, Cors(settings.cors_origins))


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer a request."""
    return application.answer(event)
