"""Checks of event source mappings and of their functions, which LocalStack does not make.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-pipeline.html
"""

from collections.abc import Mapping
from typing import Any

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.api.lambda_ import InvalidParameterValueException
from localstack.services.lambda_ import api_utils
from localstack.services.lambda_.event_source_mapping.pipe_utils import get_internal_client
from localstack.services.lambda_.invocation.models import lambda_stores
from localstack.utils.aws.client_types import ServicePrincipal

from localstack_native.eventsource.waiting import find_queue

LEAST, MOST = 2, 1000


def validate_mapping(validate: Any, self: Any, context: Any, request: Any) -> Any:
    """Check a mapping's concurrency, and its function's timeout and role, as AWS does."""
    check_scaling(request)
    validated = validate(self, context, request)
    *_, version, _ = validated
    check_timeout(request.get("EventSourceArn"), version.config.timeout)
    check_role(request.get("EventSourceArn"), version.config.role)
    return validated


def update_function(update: Any, self: Any, context: RequestContext, request: Any) -> Any:
    """Update a function unless its timeout is above the visibility timeout of a mapped queue."""
    if "Timeout" in request:
        account, region = api_utils.get_account_and_region(request["FunctionName"], context)
        name, _ = api_utils.get_name_and_qualifier(request["FunctionName"], None, context)
        arn = api_utils.unqualified_lambda_arn(name, account, region)
        for mapping in list(lambda_stores[account][region].event_source_mappings.values()):
            if str(mapping["FunctionArn"]).removesuffix(":$LATEST") == arn:
                check_timeout(mapping.get("EventSourceArn"), request["Timeout"])
    return update(self, context, request)


def check_scaling(request: Mapping[str, Any]) -> None:
    """Raise AWS's error for a MaximumConcurrency out of its range."""
    number = (request.get("ScalingConfig") or {}).get("MaximumConcurrency")
    if number is None or LEAST <= number <= MOST:
        return
    bound = (
        f"greater than or equal to {LEAST}" if number < LEAST else f"less than or equal to {MOST}"
    )
    raise CommonServiceException(
        code="ValidationException",
        message=(
            f"1 validation error detected: Value '{number}' at 'scalingConfig.maximumConcurrency'"
            f" failed to satisfy constraint: Member must have value {bound}"
        ),
    )


def check_role(source_arn: str | None, role: str) -> None:
    """Raise AWS's error for a function's role that may not list streams.

    The poller reads them with the role's other permissions, and waits until it may.
    """
    if source_arn is None or ":dynamodb:" not in source_arn:
        return
    client: Any = get_internal_client(
        source_arn, role_arn=role, service_principal=ServicePrincipal.lambda_
    )
    try:
        client.list_streams(Limit=1)
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            raise
        raise InvalidParameterValueException(
            f"Cannot access stream {source_arn}. Please ensure the role can perform the GetRecords,"
            " GetShardIterator, DescribeStream, and ListStreams Actions on your stream in IAM.",
            Type="User",
        ) from error


def check_timeout(source_arn: str | None, timeout: int) -> None:
    """Raise AWS's error for a function timeout (seconds) above its queue's visibility timeout.

    A source that is not a queue, or does not exist, is accepted.
    """
    queue = find_queue(source_arn) if source_arn and ":sqs:" in source_arn else None
    if queue is not None and queue.visibility_timeout < timeout:
        raise InvalidParameterValueException(
            f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than Function"
            f" timeout: {timeout} seconds",
            Type="User",
        )
