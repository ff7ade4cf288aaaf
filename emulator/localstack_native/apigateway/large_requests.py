"""Requests that are too large for a Lambda integration: 413 instead of 502.

AWS returns 413 when the event exceeds Lambda's 6 MB of JSON, which a body within API Gateway's
limit of 10 MB can do. LocalStack returns the same error as for a failed function.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
"""

from http import HTTPStatus
from typing import Any

from localstack.runtime import hooks

TOO_LARGE = "RequestEntityTooLargeException"
"""Lambda's error code."""


@hooks.on_infra_start()
def refuse_large_requests() -> None:
    """Patch the Lambda integration to return REQUEST_TOO_LARGE."""
    from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
        RequestTooLargeError,
    )
    from localstack.services.apigateway.next_gen.execute_api.integrations import aws

    integration: Any = aws.RestApiAwsProxyIntegration
    invoke = integration.invoke

    def invoke_or_refuse(self: Any, context: Any) -> Any:
        try:
            return invoke(self, context)
        except Exception as error:
            response: dict[str, Any] = getattr(error.__cause__, "response", {})
            if response.get("Error", {}).get("Code") == TOO_LARGE:
                raise RequestTooLargeError(
                    "Request Too Long", status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE
                ) from error
            raise

    integration.invoke = invoke_or_refuse
