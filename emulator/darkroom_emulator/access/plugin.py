"""What LocalStack loads of this package at its start."""

import os

from localstack.runtime import hooks

SETTING = "EMULATOR_S3_ACCESS"


def is_enforced() -> bool:
    """Say whether S3 is to refuse what it refuses on AWS."""
    return os.environ.get(SETTING) == "1"


@hooks.on_infra_start(should_load=is_enforced)
def enforce_access() -> None:
    """Check requests to S3 before and after LocalStack parses them."""
    from localstack.aws import handlers

    from darkroom_emulator.access.form_order import remember_order
    from darkroom_emulator.access.presigned import PresignedUrls
    from darkroom_emulator.access.requests import check_access
    from darkroom_emulator.access.template_buckets import keep_settings
    from darkroom_emulator.security import internal_secret

    internal_secret.randomize()
    remember_order()
    keep_settings()
    handlers.parse_pre_signed_url_request.pre_signed_handlers["s3"] = PresignedUrls()
    handlers.serve_custom_service_request_handlers.append(check_access)
