"""Reserved concurrency of functions in templates, which LocalStack ignores."""

from typing import Any

PROPERTY = "ReservedConcurrentExecutions"


def create_function(create: Any, self: Any, request: Any) -> Any:
    """Create a template's function, and reserve its concurrency."""
    from localstack.services.cloudformation.resource_provider import OperationStatus

    event = create(self, request)
    if event.status == OperationStatus.SUCCESS and PROPERTY in event.resource_model:
        try:
            _reserve(request, event.resource_model)
        except Exception:
            # LocalStack does not delete failed resources; the name would stay taken.
            name = event.resource_model["FunctionName"]
            request.aws_client_factory.lambda_.delete_function(FunctionName=name)
            raise
    return event


def update_function(update: Any, self: Any, request: Any) -> Any:
    """Update a template's function, and its reserved concurrency."""
    event = update(self, request)
    if PROPERTY in request.desired_state:
        _reserve(request, request.desired_state)
    elif PROPERTY in request.previous_state:
        name = request.previous_state["FunctionName"]
        request.aws_client_factory.lambda_.delete_function_concurrency(FunctionName=name)
    return event


def _reserve(request: Any, properties: dict[str, Any]) -> None:
    """Reserve concurrency. Raises ClientError if too little unreserved concurrency remains."""
    request.aws_client_factory.lambda_.put_function_concurrency(
        FunctionName=properties.get("FunctionName") or request.previous_state["FunctionName"],
        # A template's numbers may be strings.
        ReservedConcurrentExecutions=int(properties[PROPERTY]),
    )
