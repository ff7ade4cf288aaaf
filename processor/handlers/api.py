"""Lambda entry point: requests that API Gateway hands over (REST, Lambda proxy)."""

from typing import Any

import boto3
from botocore.config import Config

from processor.api.routes import application
from processor.api.settings import ApiSettings

config = Config(
    connect_timeout=2,
    read_timeout=4,
    # API Gateway gives up after 29 seconds.
    retries={"mode": "standard", "total_max_attempts": 2},
    tcp_keepalive=True,
)
presigning = Config(
    signature_version="s3v4",
    # The bucket's region in its address: S3 redirects others, and browsers refuse to follow.
    s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
)

# Made once, while Lambda initialises the environment: clients are the slow part of a cold start.
api = application(
    ApiSettings.from_environment(),
    s3=boto3.client("s3", config=config.merge(presigning)),
    sqs=boto3.client("sqs", config=config),
    dynamodb=boto3.client("dynamodb", config=config),
)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer a request."""
    return api.answer(event)
