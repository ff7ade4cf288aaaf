"""Resource types of SQS."""

from typing import Any

from localstack.services.sqs.resource_providers.aws_sqs_queue import SQSQueueProvider

from localstack_native.cloudformation.types.base import done, retag


class Queue(SQSQueueProvider):
    """``AWS::SQS::Queue``; its messages stay."""

    def update(self, request: Any) -> Any:
        """Set all attributes, those without a value to their defaults, and the tags."""
        model, client = request.desired_state, request.aws_client_factory.sqs
        url = request.previous_state["QueueUrl"]
        wanted: Any = dict(model)
        self._populate_missing_attributes_with_defaults(wanted)
        client.set_queue_attributes(
            QueueUrl=url, Attributes=self._compile_sqs_queue_attributes(wanted)
        )
        retag(
            request.previous_state.get("Tags"),
            model.get("Tags"),
            lambda tags: client.tag_queue(QueueUrl=url, Tags=tags),
            lambda names: client.untag_queue(QueueUrl=url, TagKeys=names),
        )
        return done(model)
