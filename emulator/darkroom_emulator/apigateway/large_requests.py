"""Requests that are too large for a function: an error of the client's, and not of the function.

AWS answers 413 when the event is larger than Lambda takes (6 MB of JSON, which a body of 10 MB, as
API Gateway takes it, can exceed). LocalStack says of that what it says when Lambda fails.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
"""

from http import HTTPStatus
from typing import Any

from localstack.runtime import hooks

TOO_LARGE = "RequestEntityTooLargeException"
"""Lambda's code for it."""


@hooks.on_infra_start()
def refuse_large_requests() -> None:
    """Let the integration with Lambda answer REQUEST_TOO_LARGE."""
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
            said: dict[str, Any] = getattr(error.__cause__, "response", {})
            if said.get("Error", {}).get("Code") == TOO_LARGE:
                raise RequestTooLargeError(
                    "Request Too Long", status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE
                ) from error
            raise

    integration.invoke = invoke_or_refuse
