"""Lambda entry point of the API: requests from API Gateway (REST API, Lambda proxy integration)."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from processor.api.routes import application
from processor.settings import ApiSettings, from_environment
from processor.telemetry.log import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_ssm import SSMClient

CONNECTIONS = 4
"""Reads of the index in parallel."""

config = Config(
    connect_timeout=2,
    read_timeout=4,
    # API Gateway times out after 29 seconds.
    retries={"mode": "standard", "total_max_attempts": 2},
    tcp_keepalive=True,
)
presigning = Config(
    signature_version="s3v4",
    # S3 redirects requests to other regions' addresses, and browsers refuse to follow.
    s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
)


@cache
def ssm() -> "SSMClient":
    """Return a client. Created when it is first needed: few environments sign URLs."""
    return boto3.client("ssm", config=config)


# Created once, at initialization: clients are the slow part of a cold start.
settings = from_environment(ApiSettings)
s3 = boto3.client("s3", config=config.merge(presigning))
api = application(
    settings,
    s3=s3,
    browser_s3=boto3.client(
        "s3", config=config.merge(presigning), endpoint_url=settings.browser_s3_endpoint
    )
    if settings.browser_s3_endpoint
    else s3,
    sqs=boto3.client("sqs", config=config),
    dynamodb=boto3.client("dynamodb", config=config),
    stepfunctions=boto3.client("stepfunctions", config=config),
    executor=ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="index"),
    ssm=ssm,
)


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Return the response to a request."""
    logger.append_keys(request_id=context.aws_request_id)
    return api.handle(event)
