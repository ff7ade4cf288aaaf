"""In-memory DynamoDB with the catalog's index ``newest-first``, and the entries in it."""

import operator
import re
from typing import Any

from processor.catalog.attributes import deserialize, serialize
from processor.catalog.entries import Entry, shard_of
from tests.unit.processor.clouds import FakeDynamoDB

COMPARE = {"<": operator.lt, "<=": operator.le, "=": operator.eq}


class Table:
    """DynamoDB: entries, and their index ``newest-first``."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.failure: Exception | None = None
        self.read = 0
        """Entries that queries have read."""

    def add(self, **fields: Any) -> Entry:
        """Add an entry."""
        added = entry(**fields)
        self.items[added["filename"]] = dict(added)
        return added

    def get_item(
        self,
        TableName: str,  # noqa: N803
        Key: dict[str, Any],  # noqa: N803
        *,
        ConsistentRead: bool,  # noqa: N803
    ) -> dict[str, Any]:
        """GetItem."""
        assert TableName == "table"
        assert ConsistentRead
        if self.failure:
            raise self.failure
        item = self.items.get(deserialize(Key)["filename"])
        return {"Item": serialize(item)} if item else {}

    def put_item(
        self,
        *,
        TableName: str,  # noqa: N803
        Item: dict[str, Any],  # noqa: N803
        **condition: Any,
    ) -> None:
        """PutItem with a condition."""
        assert TableName == "table"
        there = FakeDynamoDB()
        there.items = self.items
        there.put_item(TableName=TableName, Item=Item, **condition)

    def get_paginator(self, operation: str) -> "Table":
        """Return the paginator of Query."""
        assert operation == "query"
        return self

    def paginate(self, **query: Any) -> Any:
        """Yield the items of one shard, newest first; equal times in an arbitrary, fixed order."""
        if self.failure:
            raise self.failure
        assert (query["IndexName"], query["ScanIndexForward"]) == ("newest-first", False)
        names = query["ExpressionAttributeNames"]
        values = deserialize(query["ExpressionAttributeValues"])
        # DynamoDB refuses names and values that no expression uses.
        condition = query.get("FilterExpression", "")
        projection = query.get("ProjectionExpression", "")
        expressions = f"{query['KeyConditionExpression']} {condition} {projection}"
        assert set(re.findall(r"#\w+", expressions)) == names.keys()
        assert set(re.findall(r":\w+", expressions)) == values.keys()
        found = [item for item in self.items.values() if "shard" in item]
        for clause in query["KeyConditionExpression"].split(" AND "):
            name, compare, value = clause.split()
            found = [i for i in found if COMPARE[compare](i[names[name]], values[value])]
        found.sort(key=_position, reverse=True)
        if "ExclusiveStartKey" in query:
            start = deserialize(query["ExclusiveStartKey"])
            assert start.keys() == {"filename", "shard", "timestamp"}
            found = [item for item in found if _position(item) < _position(start)]
        kept = [
            [names[each] for each in path.split(".")] for path in projection.split(", ") if path
        ]
        size = query["PaginationConfig"]["PageSize"]
        while found:
            page, found = found[:size], found[size:]
            self.read += len(page)
            items = [item for item in page if _matches(item, condition, names, values)]
            response: dict[str, Any] = {
                "Items": [serialize(_only(item, kept)) for item in items],
                "ScannedCount": len(page),
            }
            if len(page) == size:
                place = {name: page[-1][name] for name in ("filename", "shard", "timestamp")}
                response["LastEvaluatedKey"] = serialize(place)
            yield response


def _matches(
    item: dict[str, Any], condition: str, names: dict[str, str], values: dict[str, Any]
) -> bool:
    for clause in filter(None, condition.split(" AND ")):
        if contains := re.fullmatch(r"contains\((#\w+), (:\w+)\)", clause):
            if values[contains[2]] not in item.get(names[contains[1]], ()):
                return False
        else:
            name, compare, value = clause.split()
            if not COMPARE[compare](item[names[name]], values[value]):
                return False
    return True


def _position(item: dict[str, Any]) -> tuple[str, str]:
    return item["timestamp"], item["filename"][::-1]


def _only(item: dict[str, Any], paths: list[list[str]]) -> dict[str, Any]:
    if not paths:
        return item
    kept: dict[str, Any] = {}
    for first, *rest in paths:
        if not rest and first in item:
            kept[first] = item[first]
        elif rest and rest[0] in item.get(first, {}):
            kept[first] = {rest[0]: item[first][rest[0]]}
    return kept


def rendition(key: str, name: str, width: int, height: int, size: int = 999) -> dict[str, Any]:
    """Return a rendition as in a catalog entry; its type is that of the extension."""
    extension = name.rpartition(".")[2]
    return {
        "name": name.rpartition(".")[0],
        "key": f"processed/{key}/{name}",
        "width": width,
        "height": height,
        "bytes": size,
        "type": f"image/{extension.replace('jpg', 'jpeg')}",
        "ms": 12,
        "etag": "642e19ac48265ee3f4cd26fcef101217",
    }


def entry(filename: str = "a/b.jpg", **fields: Any) -> Entry:
    """Return the entry of a processed image with other fields; None removes a field."""
    merged = {
        "filename": filename,
        "status": "done",
        "timestamp": "2026-05-01T12:00:00.000Z",
        "shard": shard_of(filename),
        "sequencer": "A" * 32,
        "updated": "2026-05-01T12:00:01.000Z",
        "size": 1234,
        "etag": "e",
        "recipe": "default",
        "format": "jpeg",
        "width": 1200,
        "height": 800,
        "frames": 1,
        "analysis": {
            "sha256": "0",
            "has_alpha": False,
            "dominant": "#204060",
            "palette": ["#204060"],
            "thumbhash": "3OcRJYB4d3h/iIeHeEh3eIhw+j2w",
            "phash": "0" * 16,
            "sharpness": 123.4,
        },
        "renditions": [
            rendition(filename, "thumb.webp", 300, 300, 5_000),
            rendition(filename, "preview.webp", 800, 533, 30_000),
            rendition(filename, "web.jpg", 1200, 800, 90_000),
        ],
        "timings": {"fetch": 3, "render": 100, "since_upload": 130},
        "owner": "o",
        "message": "m",
        **fields,
    }
    return {name: each for name, each in merged.items() if each is not None}  # type: ignore[return-value]
