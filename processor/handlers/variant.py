"""Lambda entry point of variants: requests of CloudFront to the function's URL."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
import msgspec
from botocore.config import Config

from processor.catalog.entries import Catalog
from processor.images import Limits, WatermarkImages, load_recipes
from processor.pipeline.recipe_book import RecipeBook
from processor.settings import VariantSettings, from_environment
from processor.storage.variants import Variants
from processor.storage.watermark_images import read_watermark_image
from processor.telemetry.log import about, logger
from processor.telemetry.metrics import MetricsBuffer
from processor.variants.fallback import Fallback
from processor.variants.options import read_target
from processor.variants.problems import VariantError
from processor.variants.responses import Response, file_response, problem_response
from processor.variants.server import VariantServer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# Created once, while Lambda initializes the environment: clients are the slow part of a cold start.
settings = from_environment(VariantSettings)
config = Config(
    connect_timeout=2,
    read_timeout=8,
    # CloudFront waits for 30 seconds.
    retries={"mode": "standard", "total_max_attempts": 2},
    tcp_keepalive=True,
)
s3 = boto3.client("s3", config=config)
fallback = Fallback(s3, settings.site_bucket, settings.variant_fallback)
server = VariantServer(
    s3=s3,
    raw_bucket=settings.raw_bucket,
    catalog=Catalog(boto3.client("dynamodb", config=config), settings.catalog_table),
    variants=Variants(s3, settings.processed_bucket),
    recipes=RecipeBook(load_recipes()),
    watermark_images=WatermarkImages(partial(read_watermark_image, s3, settings.buckets)),
    limits=Limits.within(settings.aws_lambda_function_memory_size),
    most=settings.variants_per_image,
    executor=ThreadPoolExecutor(2, thread_name_prefix="requests"),
)


def handler(event: dict[str, Any], context: "LambdaContext") -> Response:
    """Return a variant, rendered at its first request, or a problem document."""
    logger.append_keys(request_id=context.aws_request_id)
    started = time.perf_counter()
    metrics = MetricsBuffer()
    try:
        response = _respond(event, context, metrics)
    except VariantError as error:
        logger.info("variant refused", code=error.code, detail=str(error))
        metrics.count("VariantsRefused", by=("Reason", error.code))
        response = problem_response(error, fallback.read())
    metrics.measure("VariantTime", round((time.perf_counter() - started) * 1000))
    for document in metrics.documents(settings.stack_name):
        sys.stdout.write(f"{msgspec.json.encode(document).decode()}\n")
    return response


def _respond(event: dict[str, Any], context: "LambdaContext", metrics: MetricsBuffer) -> Response:
    try:
        target = read_target(event["rawPath"])
    except ValueError as error:
        raise VariantError("invalid-option", str(error)) from error
    with about(key=target.key, variant=target.name):
        served = server.serve(target, lambda: context.get_remaining_time_in_millis() / 1000)
        metrics.count("VariantsRendered")
        logger.info("variant rendered", ms=served.milliseconds, bytes=len(served.stored.data))
    return file_response(served.stored, event["headers"])
