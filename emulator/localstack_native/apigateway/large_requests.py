"""Requests that are too large for a Lambda integration: 413 instead of 502.

AWS returns 413 when the event exceeds Lambda's 6 MB of JSON, which a body within API Gateway's
limit of 10 MB can do. LocalStack returns the same error as for a failed function.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
"""

from http import HTTPStatus
from typing import Any

from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    RequestTooLargeError,
)

TOO_LARGE = "RequestEntityTooLargeException"
"""Lambda's error code."""


def invoke(invoke: Any, self: Any, context: Any) -> Any:
    """Invoke the integration. Raises ``RequestTooLargeError``."""
    try:
        return invoke(self, context)
    except Exception as error:
        response: dict[str, Any] = getattr(error.__cause__, "response", {})
        if response.get("Error", {}).get("Code") == TOO_LARGE:
            raise RequestTooLargeError(
                "Request Too Long", status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            ) from error
        raise
