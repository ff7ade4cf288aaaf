"""Conditions of permissions on functions, which LocalStack omits.

https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
"""

import json
from typing import Any

VIA_URL = "InvokedViaFunctionUrl"


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
