"""Resource types of CloudWatch."""

from typing import Any

from localstack.services.cloudwatch.resource_providers.aws_cloudwatch_alarm import (
    CloudWatchAlarmProvider,
)

from localstack_native.cloudformation.types.base import AppliedProperties, pairs, retag


class Alarm(AppliedProperties, CloudWatchAlarmProvider):
    """``AWS::CloudWatch::Alarm``; PutMetricAlarm replaces all of it but its tags."""

    def complete(self, request: Any, model: dict[str, Any]) -> None:
        """Add the tags."""
        self._retag(request, model, None)

    def update(self, request: Any) -> Any:
        """Replace the alarm's configuration; its state and history stay."""
        tags = request.previous_state.get("Tags")
        event: Any = CloudWatchAlarmProvider.create(self, request)
        self._retag(request, event.resource_model, tags)
        return event

    def _retag(self, request: Any, model: dict[str, Any], before: Any) -> None:
        client, arn = request.aws_client_factory.cloudwatch, model["Arn"]
        retag(
            before,
            model.get("Tags"),
            lambda tags: client.tag_resource(ResourceARN=arn, Tags=pairs(tags)),
            lambda names: client.untag_resource(ResourceARN=arn, TagKeys=names),
        )
