"""Presigned URLs of functions' code."""

from functools import cache
from typing import Any

import boto3
from localstack import config
from localstack.constants import AWS_REGION_US_EAST_1, INTERNAL_AWS_SECRET_ACCESS_KEY


def generate(_generate: Any, code: Any, endpoint_url: str) -> str:
    """Return a presigned URL of a function's code."""
    where = {"Bucket": code.s3_bucket, "Key": code.s3_key}
    if code.s3_object_version:
        where["VersionId"] = code.s3_object_version
    url: str = _client(endpoint_url).generate_presigned_url("get_object", Params=where)
    return url


@cache
def _client(endpoint_url: str) -> Any:
    return boto3.client(
        "s3",
        region_name=AWS_REGION_US_EAST_1,
        aws_access_key_id=config.INTERNAL_RESOURCE_ACCOUNT,
        aws_secret_access_key=INTERNAL_AWS_SECRET_ACCESS_KEY,
        endpoint_url=endpoint_url,
    )
