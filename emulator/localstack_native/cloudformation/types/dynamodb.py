"""Resource types of DynamoDB."""

from typing import Any

from localstack.services.dynamodb.resource_providers.aws_dynamodb_table import (
    DynamoDBTableProvider,
)

from localstack_native.cloudformation.planning import changed_properties, normalized
from localstack_native.cloudformation.types.base import AppliedProperties, Properties, pairs, retag


def _recovery(clients: Any, model: Properties, value: Any) -> None:
    is_enabled = str((value or {}).get("PointInTimeRecoveryEnabled", False)).lower() == "true"
    clients.dynamodb.update_continuous_backups(
        TableName=model["TableName"],
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": is_enabled},
    )


def _expiry(clients: Any, model: Properties, value: Any) -> None:
    """Set the attribute of expiry, which has to be disabled before it is another one."""
    table, client = model["TableName"], clients.dynamodb
    known = client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    had = known.get("AttributeName") if known["TimeToLiveStatus"] == "ENABLED" else None
    is_on = bool(value) and str(value["Enabled"]).lower() == "true"
    wanted = value["AttributeName"] if is_on else None
    for name, is_enabled in ((had, False), (wanted, True)):
        if name and had != wanted:
            client.update_time_to_live(
                TableName=table,
                TimeToLiveSpecification={"AttributeName": name, "Enabled": is_enabled},
            )


def _protection(clients: Any, model: Properties, value: Any) -> None:
    clients.dynamodb.update_table(
        TableName=model["TableName"],
        DeletionProtectionEnabled=str(value).lower() == "true",
    )


class Table(AppliedProperties, DynamoDBTableProvider):
    """``AWS::DynamoDB::Table``; its items stay."""

    APPLY = {  # noqa: RUF012
        "DeletionProtectionEnabled": _protection,
        "PointInTimeRecoverySpecification": _recovery,
        "TimeToLiveSpecification": _expiry,
    }
    DROPPED = ("DeletionProtectionEnabled", "PointInTimeRecoverySpecification")

    def check(self, before: Properties, after: Properties) -> None:
        """Refuse what AWS refuses. Raises ``ValueError``."""
        had, wanted = _indexes(before), _indexes(after)
        if any(_fixed(had[name]) != _fixed(wanted[name]) for name in had.keys() & wanted.keys()):
            raise ValueError(
                "Cannot update GSI's properties other than Provisioned Throughput and Contributor "
                "Insights Specification. You can create a new GSI with a different name."
            )
        if len(had.keys() ^ wanted.keys()) > 1:
            raise ValueError(
                "Cannot perform more than one GSI creation or deletion in a single update"
            )

    def update(self, request: Any) -> Any:
        """Apply each property that differs; a rollback changes several indexes."""
        event = super().update(request)
        before, model = request.previous_state, event.resource_model
        client, table = request.aws_client_factory.dynamodb, model["TableName"]
        changed = set(changed_properties(before, model))
        if {"BillingMode", "ProvisionedThroughput"} & changed:
            client.update_table(TableName=table, **_capacity(model))
        if "GlobalSecondaryIndexes" in changed:
            for each in _index_updates(before, model):
                client.update_table(
                    TableName=table,
                    AttributeDefinitions=model["AttributeDefinitions"],
                    GlobalSecondaryIndexUpdates=[each],
                )
        if "StreamSpecification" in changed:
            for stream in (None, model.get("StreamSpecification")):
                if stream or before.get("StreamSpecification"):
                    wanted = {"StreamEnabled": bool(stream), **(stream or {})}
                    client.update_table(TableName=table, StreamSpecification=wanted)
            described = client.describe_table(TableName=table)["Table"]
            model.pop("StreamArn", None)
            if "LatestStreamArn" in described:
                model["StreamArn"] = described["LatestStreamArn"]
        if "Tags" in changed:
            arn = model["Arn"]
            retag(
                before.get("Tags"),
                model.get("Tags"),
                lambda tags: client.tag_resource(ResourceArn=arn, Tags=pairs(tags)),
                lambda names: client.untag_resource(ResourceArn=arn, TagKeys=names),
            )
        return event


def _capacity(model: Properties) -> dict[str, Any]:
    mode = model.get("BillingMode", "PROVISIONED")
    if mode == "PAY_PER_REQUEST":
        return {"BillingMode": mode}
    units = {name: int(value) for name, value in model["ProvisionedThroughput"].items()}
    return {"BillingMode": mode, "ProvisionedThroughput": units}


def _indexes(model: Properties) -> dict[str, Any]:
    return {each["IndexName"]: each for each in model.get("GlobalSecondaryIndexes", [])}


def _fixed(index: Properties) -> Any:
    """Return what can't be changed of an index."""
    return normalized({name: index.get(name) for name in ("KeySchema", "Projection")})


def _index_updates(before: Properties, after: Properties) -> list[dict[str, Any]]:
    """Return the updates that delete, create and scale indexes."""
    had, wanted = _indexes(before), _indexes(after)
    updates: list[dict[str, Any]] = [
        {"Delete": {"IndexName": name}} for name in sorted(had.keys() - wanted.keys())
    ]
    updates += [{"Create": each} for name, each in wanted.items() if name not in had]
    for name in sorted(had.keys() & wanted.keys()):
        units = wanted[name].get("ProvisionedThroughput")
        if units and normalized(units) != normalized(had[name].get("ProvisionedThroughput")):
            numbers = {unit: int(value) for unit, value in units.items()}
            updates.append({"Update": {"IndexName": name, "ProvisionedThroughput": numbers}})
    return updates
