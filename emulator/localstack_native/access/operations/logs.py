"""Operations of CloudWatch Logs.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
"""

from collections.abc import Iterable
from typing import Any

from localstack_native.access.operations.table import (
    Parameters,
    Place,
    Required,
    Table,
    arn,
)

_name = arn("logs", "log-group:{}")


def _group(value: Any, place: Place) -> str:
    """Return the resource of an action on a group, which ends as that of one on a stream does.

    The ARN of a group in a policy ends with ``:*``, except for the actions on tags.
    """
    return f"{_name(value, place).removesuffix(':*')}:log-stream:"


def _on_stream(name: str) -> Any:
    def required(request: Parameters, place: Place) -> Iterable[Required]:
        group = request.get("logGroupName") or request.get("logGroupIdentifier") or ""
        stream = request.get("logStreamName", "")
        yield Required(f"logs:{name}", f"{_group(group, place)}{stream}")

    return required


def _tags(value: Any, _: Place) -> str:
    return str(value).removesuffix(":*")


_STREAMS = ("CreateLogStream", "DeleteLogStream", "GetLogEvents", "PutLogEvents")

TABLE = Table(
    "logs",
    resources={
        "ListTagsForResource.resourceArn": _tags,
        "TagResource.resourceArn": _tags,
        "UntagResource.resourceArn": _tags,
        "CreateLogAnomalyDetector.logGroupArnList": _group,
        "UpdateScheduledQuery.identifier": arn("logs", "scheduled-query:{}"),
        "logGroupName": _group,
        "logGroupNames": _group,
        "logGroupIdentifier": _group,
        "logGroupIdentifiers": _group,
        "PutDestination.destinationName": arn("logs", "destination:{}"),
        "destinationName": arn("logs", "destination:{}"),
        "anomalyDetectorArn": arn("logs", "anomaly-detector:{}"),
        "CreateDelivery.deliveryDestinationArn": arn("logs", "delivery-destination:{}"),
        "deliveryDestinationName": arn("logs", "delivery-destination:{}"),
        "PutDeliveryDestination.name": arn("logs", "delivery-destination:{}"),
        "GetDeliveryDestination.name": arn("logs", "delivery-destination:{}"),
        "DeleteDeliveryDestination.name": arn("logs", "delivery-destination:{}"),
        "PutDeliverySource.name": arn("logs", "delivery-source:{}"),
        "GetDeliverySource.name": arn("logs", "delivery-source:{}"),
        "DeleteDeliverySource.name": arn("logs", "delivery-source:{}"),
        "id": arn("logs", "delivery:{}"),
        "CreateScheduledQuery.name": arn("logs", "scheduled-query:{}"),
        "identifier": arn("logs", "scheduled-query:{}"),
    },
    on_all=frozenset(
        {"DescribeExportTasks", "DescribeQueries", "DescribeFieldIndexes", "DescribeIndexPolicies",
         "DeleteIndexPolicy", "PutIndexPolicy", "ListLogGroupsForQuery", "PutQueryDefinition",
         "DescribeImportTasks", "DescribeLogGroups",
         "DisassociateSourceFromS3TableIntegration", "TestTransformer"}
    ),
    special={
        **{name: _on_stream(name) for name in _STREAMS},
    },
)  # fmt: skip
