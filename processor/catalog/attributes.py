"""DynamoDB attribute values: plain Python data to DynamoDB's types, and back."""

from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


def serialize(item: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return an item, or the values of an expression, in DynamoDB's types."""
    return {name: _serializer.serialize(_exact(value)) for name, value in item.items()}


def deserialize(item: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return plain data from DynamoDB's types."""
    return {name: _plain(_deserializer.deserialize(value)) for name, value in item.items()}


def aliases(*names: str) -> dict[str, str]:
    """Return placeholders for attribute names: ``shard`` and ``status`` are reserved words."""
    return {f"#{name}": name for name in names}


def _exact(value: Any) -> Any:  # noqa: ANN401
    """Return floats as decimals, which DynamoDB stores exactly."""
    if isinstance(value, dict):
        return {name: _exact(each) for name, each in value.items()}
    if isinstance(value, list):
        return list(map(_exact, value))
    return Decimal(str(value)) if isinstance(value, float) else value


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return decimals as int or float."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
