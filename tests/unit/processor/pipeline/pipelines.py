"""A pipeline over S3 and DynamoDB in memory."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from processor.catalog.claims import Claims
from processor.catalog.entries import Catalog
from processor.change import Change
from processor.images import Limits, Recipe, WatermarkImages, load_recipes
from processor.pipeline.memory_limiter import MemoryLimiter
from processor.pipeline.process import Pipeline
from processor.pipeline.recipe_book import RecipeBook
from processor.settings import ProcessSettings
from processor.sqs.deliveries import Deliveries
from processor.sqs.message import Delivery
from processor.storage.watermark_images import read_watermark_image
from processor.telemetry.metrics import MetricsBuffer
from processor.telemetry.tracing import Tracer
from tests.unit.processor.clouds import (
    FakeDynamoDB,
    FakeS3,
    NoGuard,
    Stored,
    error,
)

BUCKETS = ("raw", "processed", "site")

SETTINGS = ProcessSettings(
    analyze="off",
    moderation_confidence=80,
    raw_bucket="raw",
    processed_bucket="processed",
    site_bucket="site",
    catalog_table="table",
    index_table="index",
    duplicates="allow",
    queue_url="queue",
    aws_lambda_function_memory_size=1769,
    variants="signed",
    undelete_days=0,
    delete_original="off",
    originals_retention=0,
    stack_name="stack",
    tracing="off",
    workflow="workflow",
    max_receive_count=3,
)


class Refusing(NoGuard):
    """Lets calls of these operations fail."""

    def __init__(self, *operations: str, code: str = "SlowDown", message: str = "") -> None:
        self.operations, self.code, self.message = operations, code, message

    def before(self, operation: str) -> None:
        """Refuse."""
        if operation in self.operations:
            raise error(self.code, operation, self.message)


class Cloud:
    """A pipeline, and the memory that it works on."""

    def __init__(
        self,
        originals: dict[str, bytes] | None = None,
        recipes: dict[str, Recipe] | None = None,
        limits: Limits | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self.s3, self.dynamodb = FakeS3(), FakeDynamoDB()
        self.ended_reviews: list[str] = []
        for key, data in (originals or {}).items():
            self.put(key, data)
        self.pipeline = Pipeline(
            settings=SETTINGS,
            s3=self.s3,  # type: ignore[arg-type]
            claims=Claims(
                Catalog(self.dynamodb, "table"),  # type: ignore[arg-type]
                end_review=self.ended_reviews.append,
            ),
            recipes=RecipeBook(recipes or load_recipes()),
            watermark_images=WatermarkImages(
                partial(read_watermark_image, self.s3, {name: name for name in BUCKETS})  # type: ignore[arg-type]
            ),
            limits=limits or Limits(),
            limiter=MemoryLimiter(1, 600 << 20),
            executor=ThreadPoolExecutor(3),
        )
        self.deliveries = Deliveries(self.pipeline, tracer)

    def use(self, **parts: Any) -> None:
        """Replace parts of the pipeline."""
        self.pipeline = replace(self.pipeline, **parts)
        self.deliveries = replace(self.deliveries, pipeline=self.pipeline)

    def put(self, key: str, data: bytes, **metadata: str) -> None:
        """Put an original into the raw bucket."""
        self.s3.objects["raw", key] = Stored(data, metadata)

    def process(
        self,
        change: Change,
        number: int = 1,
        seconds: float = 60,
        metrics: MetricsBuffer | None = None,
    ) -> None:
        """Process one receive of the message with a change."""
        delivery = Delivery(
            "message",
            number,
            is_last=number == 3,
            remaining=lambda: seconds,
            metrics=metrics or MetricsBuffer(),
        )
        job = self.deliveries.claim(change, delivery)
        if job:
            self.deliveries.complete(job, delivery)

    @property
    def entries(self) -> dict[str, dict[str, Any]]:
        """The catalog."""
        return self.dynamodb.items

    @property
    def renditions(self) -> dict[str, Stored]:
        """The processed bucket."""
        return self.s3.in_bucket("processed")


def created(key: str, sequencer: str = "1") -> Change:
    """A change."""
    return Change("created", key, "2026-05-01T12:00:00.000Z", sequencer, 1, "etag")
