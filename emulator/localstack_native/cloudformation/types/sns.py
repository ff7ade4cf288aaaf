"""Resource types of SNS."""

import json
from typing import Any

from localstack.services.sns.resource_providers.aws_sns_subscription import (
    SNSSubscriptionProvider,
)
from localstack.services.sns.resource_providers.aws_sns_topic import SNSTopicProvider

from localstack_native.cloudformation.planning import changed_properties
from localstack_native.cloudformation.types.base import Properties, done, pairs, retag

ATTRIBUTES = {
    "ArchivePolicy": "",
    "ContentBasedDeduplication": "false",
    "DisplayName": "",
    "FifoThroughputScope": "Topic",
    "KmsMasterKeyId": "",
    "SignatureVersion": "1",
    "TracingConfig": "PassThrough",
}
"""Attributes of topics with their defaults."""

SUBSCRIPTION_ATTRIBUTES = {
    "DeliveryPolicy": "",
    "FilterPolicy": "{}",
    "FilterPolicyScope": "MessageAttributes",
    "RawMessageDelivery": "false",
    "RedrivePolicy": "",
}
"""The same of subscriptions."""


class Topic(SNSTopicProvider):
    """``AWS::SNS::Topic``; subscriptions of others stay."""

    def update(self, request: Any) -> Any:
        """Set the attributes, subscriptions and tags that differ."""
        before, model = request.previous_state, request.desired_state
        client, topic = request.aws_client_factory.sns, before["TopicArn"]
        for name in changed_properties(before, model):
            if name in ATTRIBUTES:
                value = _text(model.get(name, ATTRIBUTES[name]))
                client.set_topic_attributes(
                    TopicArn=topic, AttributeName=name, AttributeValue=value
                )
        _resubscribe(client, topic, before, model)
        retag(
            before.get("Tags"),
            model.get("Tags"),
            lambda tags: client.tag_resource(ResourceArn=topic, Tags=pairs(tags)),
            lambda names: client.untag_resource(ResourceArn=topic, TagKeys=names),
        )
        return done(model)


class Subscription(SNSSubscriptionProvider):
    """``AWS::SNS::Subscription``."""

    def update(self, request: Any) -> Any:
        """Set the attributes that differ."""
        before, model = request.previous_state, request.desired_state
        for name in changed_properties(before, model):
            if name in SUBSCRIPTION_ATTRIBUTES:
                request.aws_client_factory.sns.set_subscription_attributes(
                    SubscriptionArn=before["Id"],
                    AttributeName=name,
                    AttributeValue=_text(model.get(name, SUBSCRIPTION_ATTRIBUTES[name])),
                )
        return done(model)


def _resubscribe(client: Any, topic: str, before: Properties, after: Properties) -> None:
    had, wanted = (
        {(each["Protocol"], each["Endpoint"]) for each in model.get("Subscription", [])}
        for model in (before, after)
    )
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    for page in pages if had - wanted else ():
        for each in page["Subscriptions"]:
            if (each["Protocol"], each["Endpoint"]) in had - wanted:
                client.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
    for protocol, endpoint in sorted(wanted - had):
        client.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)
