"""Removal of the CORS origins that LocalStack trusts by default.

Among them are ``file://``, ``https://app.localstack.cloud``, and every origin that begins with a
host name of CloudFront or of an S3 website, whatever follows.
"""

from typing import Any

from localstack import config
from localstack.aws.handlers import cors


def trust_no_origin() -> None:
    """Trust only ``EXTRA_CORS_ALLOWED_ORIGINS``; buckets and APIs have their own CORS rules."""
    module: Any = cors
    named = (config.EXTRA_CORS_ALLOWED_ORIGINS or "").split(",")
    module.ALLOWED_CORS_ORIGINS[:] = [origin.strip() for origin in named if origin.strip()]
    module.DYNAMIC_INTERNAL_ORIGINS = ()
