"""Conditions of permissions on functions, which LocalStack omits.

https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
"""

import json
from typing import Any

VIA_URL = "InvokedViaFunctionUrl"
_PROPERTIES = (
    "Action", "EventSourceToken", "FunctionName", "FunctionUrlAuthType", VIA_URL, "Principal",
    "PrincipalOrgID", "SourceAccount", "SourceArn",
)  # fmt: skip


def add_permission(add: Any, self: Any, context: Any, request: Any) -> Any:
    """Add a permission; ``InvokedViaFunctionUrl`` limits it to calls by the function's URL."""
    response = add(self, context, request)
    if request.get(VIA_URL):
        from localstack.services.lambda_.api_utils import (
            get_account_and_region,
            get_name_and_qualifier,
        )
        from localstack.services.lambda_.invocation.models import lambda_stores

        account, region = get_account_and_region(request["FunctionName"], context)
        name, qualifier = get_name_and_qualifier(
            request["FunctionName"], request.get("Qualifier"), context
        )
        function: Any = lambda_stores[account][region].functions[name]
        statement = function.permissions[qualifier or "$LATEST"].policy.Statement[-1]
        condition = statement.setdefault("Condition", {})
        condition["Bool"] = {"lambda:InvokedViaFunctionUrl": "true"}
        response["Statement"] = json.dumps(statement)
    return response


def create_in_stack(create: Any, self: Any, request: Any) -> Any:  # noqa: ARG001
    """Create a template's permission with all of its properties, as LocalStack names it."""
    from localstack.services.cloudformation import provider_utils
    from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent

    model = request.desired_state
    wanted = provider_utils.select_attributes(model, list(_PROPERTIES))
    if VIA_URL in wanted:
        wanted[VIA_URL] = str(wanted[VIA_URL]).lower() == "true"
    wanted["StatementId"] = provider_utils.generate_default_name(
        request.stack_name, request.logical_resource_id
    )
    response = request.aws_client_factory.lambda_.add_permission(**wanted)
    model["Id"] = json.loads(response["Statement"])["Sid"]
    return ProgressEvent(
        status=OperationStatus.SUCCESS,
        resource_model=model,
        custom_context=request.custom_context,
    )
