"""Resource types of EventBridge."""

import json
from typing import Any

from localstack.services.events.resource_providers.aws_events_eventbus import (
    EventsEventBusProvider,
)
from localstack.services.events.resource_providers.aws_events_rule import EventsRuleProvider

from localstack_native.cloudformation.planning import changed_properties
from localstack_native.cloudformation.types.base import Properties, done, pairs, retag

SETTINGS = ("Description", "ScheduleExpression", "State", "RoleArn")


class EventBus(EventsEventBusProvider):
    """``AWS::Events::EventBus``; its rules stay."""

    def update(self, request: Any) -> Any:
        """Set the description and the tags."""
        before, model = request.previous_state, request.desired_state
        client = request.aws_client_factory.events
        changed = set(changed_properties(before, model))
        if "Description" in changed:
            client.update_event_bus(Name=before["Name"], Description=model.get("Description", ""))
        _retag(client, before["Arn"], before, model)
        return done({**model, "Arn": before["Arn"]})


class Rule(EventsRuleProvider):
    """``AWS::Events::Rule``, also of another bus than the default one."""

    def update(self, request: Any) -> Any:
        """Set the pattern, the settings and the targets."""
        before, model = request.previous_state, request.desired_state
        client, place = request.aws_client_factory.events, _place(before)
        settings = {name: model[name] for name in SETTINGS if name in model}
        if pattern := model.get("EventPattern"):
            settings["EventPattern"] = json.dumps(pattern)
        name = before["Id"].rpartition("|")[2]
        client.put_rule(Name=name, **settings, **place)
        targets = model.get("Targets") or []
        kept = {each["Id"] for each in targets}
        gone = [each["Id"] for each in before.get("Targets") or [] if each["Id"] not in kept]
        if gone:
            client.remove_targets(Rule=name, Ids=gone, **place)
        if targets:
            client.put_targets(Rule=name, Targets=targets, **place)
        _retag(client, before["Arn"], before, model)
        return done({**model, "Id": before["Id"], "Arn": before["Arn"]})

    def delete(self, request: Any) -> Any:
        """Delete the rule with its targets."""
        model = request.desired_state
        client, place = request.aws_client_factory.events, _place(model)
        name = model["Id"].rpartition("|")[2]
        found = client.list_targets_by_rule(Rule=name, **place)["Targets"]
        if found:
            client.remove_targets(Rule=name, Ids=[each["Id"] for each in found], **place)
        client.delete_rule(Name=name, **place)
        return done(model)


def _place(model: Properties) -> dict[str, str]:
    bus = model.get("EventBusName")
    return {"EventBusName": bus} if bus else {}


def _retag(client: Any, arn: str, before: Properties, model: Properties) -> None:
    retag(
        before.get("Tags"),
        model.get("Tags"),
        lambda tags: client.tag_resource(ResourceARN=arn, Tags=pairs(tags)),
        lambda names: client.untag_resource(ResourceARN=arn, TagKeys=names),
    )
