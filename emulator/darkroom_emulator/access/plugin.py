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
