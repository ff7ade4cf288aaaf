"""Gateway responses: an API's own responses to requests that do not reach an integration.

LocalStack stores those of PutGatewayResponse without using them, and ignores those in an imported
OpenAPI document. Here both are stored and used.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
"""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from localstack.services.apigateway.helpers import get_apigateway_store
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    get_gateway_response_or_default,
)
from rolo import Response

from localstack_native.access.rest_apis import import_methods

EXTENSION = "x-amazon-apigateway-gateway-responses"
JSON = "application/json"
DEFAULT_TEMPLATE = '{"message":$context.error.messageString}'
VARIABLE = re.compile(r"\$(context|stageVariables)((?:\.[A-Za-z0-9_-]+)+)")
HEADER = "gatewayresponse.header."


def import_api(import_api: Any, rest_api: Any, context: Any, open_api_spec: Any, mode: Any) -> Any:
    """Import an OpenAPI document, with its gateway responses and signed methods."""
    imported = import_api(rest_api, context, open_api_spec, mode)
    container = get_apigateway_store(context=context).rest_apis[rest_api.id]
    for kind, response in (open_api_spec.get(EXTENSION) or {}).items():
        own = {"responseType": kind, "defaultResponse": False}
        container.gateway_responses[kind] = response | own
    import_methods(open_api_spec, rest_api)
    return imported


def create_exception_response(_: Any, _self: Any, exception: Any, context: Any) -> Response:
    """Return the API's gateway response for an exception."""
    known = context.deployment.rest_api.gateway_responses
    response: Any = get_gateway_response_or_default(exception.type, known)
    rendered = render(response, exception.status_code, context)
    rendered.headers["x-amzn-ErrorType"] = exception.code
    if getattr(exception, "is_by_iam", False) and response.get("defaultResponse"):
        rendered.set_data(json.dumps({"Message": exception.message}))
    return rendered


def render(response: Mapping[str, Any], usual_status: Any, context: Any) -> Response:
    """Return a failed request's response by its gateway response."""
    status = response.get("statusCode") or usual_status or HTTPStatus.FORBIDDEN
    status = int(getattr(status, "value", status))
    # ``error.messageString`` is quoted; the other variables are inserted unchanged.
    message = context.context_variables["error"]["message"]
    variables = {
        "context": {
            **context.context_variables,
            "status": status,
            "error": {
                **context.context_variables["error"],
                "message": message,
                "messageString": json.dumps(message),
            },
        },
        "stageVariables": context.stage_variables or {},
    }
    template = (response.get("responseTemplates") or {}).get(JSON, DEFAULT_TEMPLATE)
    rendered = Response(
        VARIABLE.sub(lambda match: lookup(variables, match), template),
        status=status,
        headers={"Content-Type": JSON},
    )
    for place, value in (response.get("responseParameters") or {}).items():
        if place.startswith(HEADER) and (text := parameter(value, variables, context)) is not None:
            rendered.headers[place.removeprefix(HEADER)] = text
    return rendered


def parameter(value: str, variables: Mapping[str, Any], context: Any) -> str | None:
    """Return a parameter's value: a quoted text, a variable, a request header, or None."""
    if value.startswith("'") and value.endswith("'"):
        return value[1:-1]
    if value.startswith("method.request.header."):
        text = context.invocation_request["headers"].get(value.rpartition(".")[2])
        return None if text is None else str(text)
    match = VARIABLE.fullmatch(f"${value}")
    return lookup(variables, match) if match else None


def lookup(variables: Mapping[str, Any], match: re.Match[str]) -> str:
    """Return the value of a variable; an empty string for an unknown one."""
    value: Any = variables[match[1]]
    for name in match[2].split(".")[1:]:
        value = value.get(name) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)
