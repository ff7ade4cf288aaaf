"""A stand-in for the values of a CloudFront KeyValueStore, with versions."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError


class KeyValueStore:
    """The client of one store, in memory."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values = values
        self.version = 1
        self.is_changed_by_others = False

    def describe_key_value_store(self, **_: object) -> dict[str, Any]:
        """Return the version."""
        return {"ETag": str(self.version), "Created": datetime(2026, 1, 1, tzinfo=UTC)}

    def get_paginator(self, operation: str) -> "KeyValueStore":
        """Return itself, as the paginator of ``list_keys``."""
        assert operation == "list_keys"
        return self

    def paginate(self, **_: object) -> Iterator[dict[str, Any]]:
        """Yield a page for each value."""
        for key, value in self.values.items():
            yield {"Items": [{"Key": key, "Value": value}]}

    def update_keys(self, **named: Any) -> dict[str, Any]:
        """Set values if the version is the current one."""
        if self.is_changed_by_others:
            self.version += 1
        if named["IfMatch"] != str(self.version):
            error = {"Code": "ConflictException", "Message": "If-Match"}
            raise ClientError({"Error": error}, "UpdateKeys")  # type: ignore[typeddict-item]
        self.version += 1
        self.values |= {each["Key"]: each["Value"] for each in named["Puts"]}
        return {"ETag": str(self.version)}
