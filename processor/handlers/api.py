"""Lambda entry point: requests that API Gateway hands over (REST, Lambda proxy)."""

from typing import Any, Protocol

import boto3
from botocore.config import Config

from processor.api.routes import application
from processor.settings import ApiSettings, from_environment
from processor.telemetry.log import logger

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

# Made once, while Lambda initializes the environment: clients are the slow part of a cold start.
settings = from_environment(ApiSettings)
s3 = boto3.client("s3", config=config.merge(presigning))
api = application(
    settings,
    s3=s3,
    browsers_s3=boto3.client(
        "s3", config=config.merge(presigning), endpoint_url=settings.browser_s3_endpoint
    )
    if settings.browser_s3_endpoint
    else s3,
    sqs=boto3.client("sqs", config=config),
    dynamodb=boto3.client("dynamodb", config=config),
    stepfunctions=boto3.client("stepfunctions", config=config),
)


class Context(Protocol):
    """What Lambda tells of the invocation."""

    aws_request_id: str


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Answer a request."""
    logger.append_keys(request_id=context.aws_request_id)
    return api.answer(event)
