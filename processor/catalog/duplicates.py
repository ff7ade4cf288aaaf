"""Duplicates: the first image of each file's bytes, recorded in the index's table.

The record of a file's SHA-256 names the image that was processed first, and its ETag. It is taken
over from an image that has failed, was deleted, or has been replaced by another file since.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from processor.catalog.attributes import aliases, deserialize, serialize
from processor.catalog.entries import Catalog

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PLACE = "first"
"""Sort key of the records."""

GONE = ("deleted", "failed")
"""Statuses of images that are no longer the first."""


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Finds and records the first image of the same bytes."""

    dynamodb: "DynamoDBClient"
    table: str
    """The index's table."""
    catalog: Catalog
    refuses: bool
    """Whether duplicates are refused."""

    def first(self, sha256: str, key: str, etag: str) -> str | None:
        """Return the key of the image that had these bytes first; None if it is ``key`` itself.

        Of two that are processed at the same time, one write comes first.
        """
        record = {"term": f"sha256#{sha256}", "place": PLACE, "filename": key, "etag": etag}
        free = "attribute_not_exists(#filename) OR #filename = :key"
        while (there := self._put(record, free, {":key": key})) is not None:
            if self._has(there):
                return str(there["filename"])
            values = {":key": there["filename"], ":etag": there["etag"]}
            if self._put(record, "#filename = :key AND #etag = :etag", values) is None:
                break
        return None

    def _has(self, record: dict[str, Any]) -> bool:
        """Return whether the image of a record still has the bytes."""
        entry = self.catalog.get(record["filename"])
        return (
            entry is not None
            and entry["status"] not in GONE
            and entry.get("etag") == record["etag"]
        )

    def _put(
        self, record: dict[str, str], condition: str, values: dict[str, str]
    ) -> dict[str, Any] | None:
        """Write a record if the condition holds; otherwise return what is there instead."""
        names = ("filename", "etag") if ":etag" in values else ("filename",)
        try:
            self.dynamodb.put_item(
                TableName=self.table,
                Item=serialize(record),
                ConditionExpression=condition,
                ExpressionAttributeNames=aliases(*names),
                ExpressionAttributeValues=serialize(values),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return deserialize(cast("dict[str, Any]", error.response).get("Item", {}))
            raise
        return None
