"""In-memory DynamoDB with the catalog's indexes, and the entries in it."""

import operator
import re
from typing import Any

from processor.catalog.attributes import deserialize, serialize
from processor.catalog.entries import Entry, shard_of
from processor.catalog.index import Index
from tests.unit.processor.catalog.index_table import IndexTable
from tests.unit.processor.clouds import FakeDynamoDB

COMPARE = {"<": operator.lt, "<=": operator.le, "=": operator.eq}


class Table:
    """DynamoDB: entries, their indexes by time, and the index's table."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.failure: Exception | None = None
        self.read = 0
        """Entries that were read in batches."""
        self.most = 30
        """Entries in a response."""
        self.index = IndexTable()

    def add(self, **fields: Any) -> Entry:
        """Add an entry."""
        added = entry(**fields)
        self.items[added["filename"]] = dict(added)
        Index(self.index, "index").follow([(None, added)])  # type: ignore[arg-type]
        return added

    def get_item(
        self,
        TableName: str,  # noqa: N803
        Key: dict[str, Any],  # noqa: N803
        *,
        ConsistentRead: bool,  # noqa: N803
    ) -> dict[str, Any]:
        """GetItem."""
        if TableName == "index":
            return self.index.get_item(TableName=TableName, Key=Key, ConsistentRead=ConsistentRead)
        assert TableName == "table"
        assert ConsistentRead
        if self.failure:
            raise self.failure
        item = self.items.get(deserialize(Key)["filename"])
        return {"Item": serialize(item)} if item else {}

    def update_item(self, *, TableName: str, **update: Any) -> dict[str, Any]:  # noqa: N803
        """UpdateItem with a condition."""
        assert TableName == "table"
        there = FakeDynamoDB()
        there.items = self.items
        return there.update_item(TableName=TableName, **update)

    def query(self, **query: Any) -> dict[str, Any]:
        """Query of the index's table."""
        return self.index.query(**query)

    def get_paginator(self, operation: str) -> "Table":
        """Return the paginator of Query."""
        assert operation == "query"
        return self

    def paginate(self, **query: Any) -> Any:
        """Yield the keys of one shard, newest first; equal times in an arbitrary, fixed order."""
        if self.failure:
            raise self.failure
        names = query["ExpressionAttributeNames"]
        values = deserialize(query["ExpressionAttributeValues"])
        # DynamoDB refuses names and values that no expression uses.
        expression = query["KeyConditionExpression"]
        assert set(re.findall(r"#\w+", expression)) == names.keys()
        assert set(re.findall(r":\w+", expression)) == values.keys()
        assert not query["ScanIndexForward"]
        partition = {"newest-first": "shard", "newest-of-status": "status_shard"}[
            query["IndexName"]
        ]
        found = [item for item in map(_indexed, self.items.values()) if partition in item]
        for clause in expression.split(" AND "):
            name, compare, value = clause.split()
            found = [i for i in found if COMPARE[compare](i[names[name]], values[value])]
        found.sort(key=_position, reverse=True)
        keys = ("filename", partition, "timestamp")
        if "ExclusiveStartKey" in query:
            start = deserialize(query["ExclusiveStartKey"])
            assert start.keys() == set(keys)
            found = [item for item in found if _position(item) < _position(start)]
        size = query["PaginationConfig"]["PageSize"]
        while found:
            page, found = found[:size], found[size:]
            yield {"Items": [serialize({name: item[name] for name in keys}) for item in page]}

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """BatchGetItem; it leaves out what goes beyond ``most`` items."""
        ((table, asked),) = RequestItems.items()
        if table == "index":
            return self.index.batch_get_item(RequestItems=RequestItems)
        assert table == "table"
        assert 1 <= len(asked["Keys"]) <= 100
        names = asked.get("ExpressionAttributeNames", {})
        paths = [
            [names[each] for each in path.split(".")]
            for path in asked.get("ProjectionExpression", "").split(", ")
            if path
        ]
        keys = [deserialize(key)["filename"] for key in asked["Keys"]]
        read = [self.items[key] for key in keys[: self.most] if key in self.items]
        self.read += len(read)
        response: dict[str, Any] = {
            "Responses": {"table": [serialize(_only(item, paths)) for item in reversed(read)]}
        }
        if left := asked["Keys"][self.most :]:
            response["UnprocessedKeys"] = {"table": {**asked, "Keys": left}}
        return response


def _indexed(item: dict[str, Any]) -> dict[str, Any]:
    """Return an entry with the partition of its status, as `Claims` writes it."""
    of_status = {"status_shard": f"{item['status']}/{item['shard']}"} if "shard" in item else {}
    return {**item, **of_status}


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
