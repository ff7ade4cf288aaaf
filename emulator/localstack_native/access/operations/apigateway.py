"""Operations of API Gateway: an action for each HTTP method, on the path of the request.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from botocore.model import OperationModel

from localstack_native.access.operations.table import Parameters, Place, Required, pass_role

_PARAMETER = re.compile(r"\{(\w+)\+?\}")
_service = "apigateway.amazonaws.com"


def required(operation: OperationModel, request: Parameters, place: Place) -> Iterable[Required]:
    """Yield what an operation requires."""
    method = operation.http["method"]
    path = operation.http["requestUri"].partition("?")[0]
    wire_names: dict[str | Any, str] = {
        shape.serialization.get("name", name): name
        for name, shape in operation.input_shape.members.items()
    }

    def value(found: re.Match[str]) -> str:
        return quote(str(request.get(wire_names.get(found[1], found[1]), "")), safe="")

    resource = f"arn:{place.partition}:apigateway:{place.region}::{_PARAMETER.sub(value, path)}"
    yield Required(f"apigateway:{method}", resource)
    if operation.name == "PutIntegration":
        yield from pass_role("credentials", _service)(request, place)
    if operation.name == "UpdateAccount":
        yield from pass_role("value", _service)(_change(request, "/cloudwatchRoleArn"), place)
    if operation.name == "CreateRestApi" and request.get("policy"):
        yield Required("apigateway:UpdateRestApiPolicy", resource)
    if operation.name == "UpdateRestApi" and _change(request, "/policy"):
        yield Required("apigateway:UpdateRestApiPolicy", resource)


def _change(request: Parameters, path: str) -> dict[str, Any]:
    """Return the patch operation for a path; an empty one if there is none."""
    changes = request.get("patchOperations") or ()
    return next((dict(each) for each in changes if each.get("path") == path), {})
