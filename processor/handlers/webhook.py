"""Lambda entry point of webhooks: a batch of events from their queue."""

import time
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from processor.settings import WebhookSettings, from_environment
from processor.telemetry.log import logger
from processor.webhooks.deliveries import WebhookDeliveries
from processor.webhooks.sender import post

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SECRET_SECONDS = 300
"""Seconds until a new secret is used."""

# Created once, while Lambda initializes the environment: clients are the slow part of a cold start.
settings = from_environment(WebhookSettings)
config = Config(
    connect_timeout=3,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    tcp_keepalive=True,
)
sqs = boto3.client("sqs", config=config)
ssm = boto3.client("ssm", config=config)


@lru_cache(maxsize=1)
def secret_of(period: int) -> str:  # noqa: ARG001 (another period reads it again)
    """Return the secret of the signatures."""
    found = ssm.get_parameter(Name=settings.webhook_secret, WithDecryption=True)
    return found["Parameter"]["Value"]


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, list[dict[str, str]]]:
    """Send every event, and return those to receive again as a partial batch response."""
    logger.append_keys(request_id=context.aws_request_id)
    deliveries = WebhookDeliveries(
        sqs,
        settings.webhook_queue,
        lambda: secret_of(int(time.time() // SECRET_SECONDS)),
        partial(post, settings.webhook_url, allows_private=settings.webhook_private == "on"),
        lambda: context.get_remaining_time_in_millis() / 1000,
    )
    failed = deliveries.run(event["Records"])
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
