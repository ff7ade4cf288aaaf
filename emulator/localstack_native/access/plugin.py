"""Start of S3 access control."""


def enforce_access() -> None:
    """Install the checks of S3 requests, before and after LocalStack parses them."""
    from localstack.aws import handlers

    from localstack_native.access.presigned import PresignedUrls
    from localstack_native.access.regions import name_region
    from localstack_native.access.requests import check_access
    from localstack_native.security import internal_secret

    internal_secret.randomize()
    handlers.parse_pre_signed_url_request.pre_signed_handlers["s3"] = PresignedUrls()
    handlers.serve_custom_service_request_handlers.append(check_access)
    handlers.run_custom_response_handlers.append(name_region)
