"""Resource types of CloudWatch Logs."""

from typing import Any

from localstack.services.logs.resource_providers.aws_logs_loggroup import LogsLogGroupProvider

from localstack_native.cloudformation.types.base import AppliedProperties, Properties, pairs, retag


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
    arn = model["Arn"].removesuffix(":*")
    retag(
        pairs(clients.logs.list_tags_for_resource(resourceArn=arn).get("tags", {})),
        tags,
        lambda new: clients.logs.tag_resource(resourceArn=arn, tags=new),
        lambda gone: clients.logs.untag_resource(resourceArn=arn, tagKeys=gone),
    )


class LogGroup(AppliedProperties, LogsLogGroupProvider):
    """``AWS::Logs::LogGroup``."""

    APPLY = {"KmsKeyId": _key, "RetentionInDays": _retention, "Tags": _tags}  # noqa: RUF012
    DROPPED = tuple(APPLY)
