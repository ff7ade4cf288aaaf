"""Resource types of CloudWatch Logs."""

from typing import Any

from localstack.services.logs.resource_providers.aws_logs_loggroup import LogsLogGroupProvider

from localstack_native.cloudformation.types.base import AppliedProperties, Properties, tag_map


def _retention(clients: Any, model: Properties, days: Any) -> None:
    name = model["LogGroupName"]
    if days is None:
        clients.logs.delete_retention_policy(logGroupName=name)
    else:
        clients.logs.put_retention_policy(logGroupName=name, retentionInDays=int(days))


def _key(clients: Any, model: Properties, key: Any) -> None:
    name = model["LogGroupName"]
    if key is None:
        clients.logs.disassociate_kms_key(logGroupName=name)
    else:
        clients.logs.associate_kms_key(logGroupName=name, kmsKeyId=key)


def _tags(clients: Any, model: Properties, tags: Any) -> None:
    name = model["LogGroupName"]
    had = clients.logs.list_tags_log_group(logGroupName=name).get("tags", {})
    if gone := sorted(had.keys() - tag_map(tags).keys()):
        clients.logs.untag_log_group(logGroupName=name, tags=gone)
    if tags:
        clients.logs.tag_log_group(logGroupName=name, tags=tag_map(tags))


class LogGroup(AppliedProperties, LogsLogGroupProvider):
    """``AWS::Logs::LogGroup``."""

    APPLY = {"KmsKeyId": _key, "RetentionInDays": _retention, "Tags": _tags}  # noqa: RUF012
    DROPPED = tuple(APPLY)
