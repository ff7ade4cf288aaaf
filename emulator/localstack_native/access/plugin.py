"""LocalStack hook that installs S3 access control."""

import os

from localstack.runtime import hooks

SETTING = "EMULATOR_S3_ACCESS"


def is_enforced() -> bool:
    """Return whether S3 access control is enabled."""
    return os.environ.get(SETTING) == "1"


@hooks.on_infra_start(should_load=is_enforced)
def enforce_access() -> None:
    """Install the checks of S3 requests, before and after LocalStack parses them."""
    from localstack.aws import handlers

    from localstack_native.access.form_order import remember_order
    from localstack_native.access.presigned import PresignedUrls
    from localstack_native.access.requests import check_access
    from localstack_native.access.template_buckets import keep_settings
    from localstack_native.security import internal_secret

    internal_secret.randomize()
    remember_order()
    keep_settings()
    handlers.parse_pre_signed_url_request.pre_signed_handlers["s3"] = PresignedUrls()
    handlers.serve_custom_service_request_handlers.append(check_access)
