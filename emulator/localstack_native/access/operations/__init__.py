"""The actions that a request requires, each with its resource and condition keys."""

from collections.abc import Mapping

from botocore.model import OperationModel

from localstack_native.access.operations import (
    apigateway,
    cloudformation,
    cloudfront,
    cloudfront_keyvaluestore,
    cloudwatch,
    dynamodb,
    events,
    iam,
    lambda_,
    logs,
    rekognition,
    s3,
    sns,
    sqs,
    ssm,
    states,
    sts,
)
from localstack_native.access.operations.table import ALL, Parameters, Place, Required, Table

__all__ = ["ALL", "PARTIAL", "TABLES", "Place", "Required", "is_known", "required"]

TABLES: Mapping[str, Table] = {
    "cloudformation": cloudformation.TABLE,
    "cloudfront": cloudfront.TABLE,
    "cloudfront-keyvaluestore": cloudfront_keyvaluestore.TABLE,
    "cloudwatch": cloudwatch.TABLE,
    "dynamodb": dynamodb.TABLE,
    "dynamodbstreams": dynamodb.STREAMS,
    "events": events.TABLE,
    "iam": iam.TABLE,
    "lambda": lambda_.TABLE,
    "logs": logs.TABLE,
    "rekognition": rekognition.TABLE,
    "sns": sns.TABLE,
    "sqs": sqs.TABLE,
    "stepfunctions": states.TABLE,
    "sts": sts.TABLE,
}
"""The table of each service, by its name in botocore."""

PARTIAL: Mapping[str, Table] = {"ssm": ssm.TABLE}
"""Tables with the resources of some operations alone."""

_PREFIXES = {"cloudcontrol": "cloudformation", "resourcegroupstaggingapi": "tag"}
"""The prefix of actions where it is not the name in signatures, for services without a table."""

_ALIASES = {"sqs-query": "sqs"}


def is_known(service: str) -> bool:
    """Return whether the resources in a service's requests are known."""
    return service in {"apigateway", "s3", *_ALIASES} or service in TABLES


def required(
    service: str, operation: OperationModel, request: Parameters, place: Place
) -> list[Required]:
    """Return the actions that a request requires.

    Of a service without a table, it is the one with the operation's name, on unknown resources.
    """
    name = _ALIASES.get(service, service)
    if table := TABLES.get(name) or PARTIAL.get(name):
        found = table.required(operation.name, request, place)
    elif name == "s3":
        found = list(s3.required(operation.name, request, place))
    elif name == "apigateway":
        found = list(apigateway.required(operation, request, place))
    else:
        prefix = _PREFIXES.get(name, operation.service_model.signing_name)
        found = [Required(f"{prefix}:{operation.name}")]
    return found
