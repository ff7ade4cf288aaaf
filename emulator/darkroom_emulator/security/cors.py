"""Origins that LocalStack trusts by itself.

Among them are ``file://``, ``https://app.localstack.cloud``, and every origin that begins with one
of CloudFront's or an S3 website's host names, whatever follows.
"""

from typing import Any

from localstack import config
from localstack.aws.handlers import cors


def trust_no_origin() -> None:
    """Leave those of ``EXTRA_CORS_ALLOWED_ORIGINS``; buckets and APIs have rules of their own."""
    module: Any = cors
    named = (config.EXTRA_CORS_ALLOWED_ORIGINS or "").split(",")
    module.ALLOWED_CORS_ORIGINS[:] = [origin.strip() for origin in named if origin.strip()]
    module.DYNAMIC_INTERNAL_ORIGINS = ()
