"""Start of S3 access control, and of IAM."""


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


def judge_requests() -> None:
    """Install the judgment of all requests by IAM's policies, unless ``EMULATOR_IAM`` is off."""
    from localstack_native.access import mode

    if mode.mode() == "off":
        return
    from localstack.aws import handlers
    from localstack.services.apigateway.next_gen.execute_api import handlers as rest_api

    from localstack_native.access import endpoints, multi_delete, sessions
    from localstack_native.access.authorizer import authorizer
    from localstack_native.access.enforcement import RequestJudge
    from localstack_native.access.rest_apis import RestApiJudge

    judge = RequestJudge(authorizer())
    # After the checks of S3, which read a form.
    handlers.serve_custom_service_request_handlers.append(judge)
    handlers.run_custom_response_handlers.append(sessions.record)
    handlers.run_custom_response_handlers.append(multi_delete.add_errors)
    rest_api.preprocess_request.append(RestApiJudge(authorizer()))
    endpoints.serve()
