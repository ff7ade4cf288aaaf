"""The index's table in memory: the operations and expressions that the index uses."""

import re
from typing import Any

from processor.catalog.attributes import deserialize, serialize
from tests.unit.processor.clouds import error


class IndexTable:
    """Items by term and place."""

    def __init__(self, name: str = "index") -> None:
        self.name = name
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.requests: list[str] = []
        """The operations so far."""

    @property
    def terms(self) -> dict[str, list[str]]:
        """The places of each term, or the members of a bucket."""
        found: dict[str, list[str]] = {}
        for (term, place), item in sorted(self.items.items()):
            found.setdefault(term, []).extend(sorted(item.get("members", [place])))
        return found

    def query(self, **query: Any) -> dict[str, Any]:
        """Query: the places of a term in descending order, or the records of the feed."""
        self._count("Query", query)
        if query.get("ScanIndexForward", True):
            return self._records(query)
        expression = query["KeyConditionExpression"]
        names, values = query["ExpressionAttributeNames"], query["ExpressionAttributeValues"]
        assert set(re.findall(r"#\w+", expression)) == names.keys()
        assert set(re.findall(r":\w+", expression)) == values.keys()
        values = deserialize(values)
        found = sorted((place for term, place in self.items if term == values[":term"]))
        if "<=" in expression:
            found = [place for place in found if place.encode() <= values[":below"].encode()]
        elif "<" in expression:
            found = [place for place in found if place.encode() < values[":below"].encode()]
        newest = found[::-1][: query["Limit"]]
        return {"Items": [serialize({"term": values[":term"], "place": each}) for each in newest]}

    def _records(self, query: dict[str, Any]) -> dict[str, Any]:
        assert query["KeyConditionExpression"] == "#term = :term AND #place > :place"
        assert query["ConsistentRead"]
        values = deserialize(query["ExpressionAttributeValues"])
        found = [
            item
            for (term, place), item in sorted(self.items.items())
            if term == values[":term"] and place > values[":place"]
        ]
        return {"Items": [serialize(each) for each in found[: query["Limit"]]]}

    def transact_write_items(self, *, TransactItems: list[Any]) -> None:  # noqa: N803
        """TransactWriteItems: the feed's newest number on a condition, and records."""
        self.requests.append("TransactWriteItems")
        assert 2 <= len(TransactItems) <= 100
        update = TransactItems[0]["Update"]
        key, values = _key(update["Key"]), deserialize(update["ExpressionAttributeValues"])
        there = self.items.get(key, {}).get("number")
        if there != values.get(":number"):
            raise error("TransactionCanceledException", "TransactWriteItems")
        self.items[key] = {"term": key[0], "place": key[1], "number": values[":next"]}
        for each in TransactItems[1:]:
            item = deserialize(each["Put"]["Item"])
            self.items[item["term"], item["place"]] = item

    def get_item(self, **request: Any) -> dict[str, Any]:
        """GetItem."""
        self._count("GetItem", request)
        item = self.items.get(_key(request["Key"]))
        return {"Item": serialize(item)} if item else {}

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """BatchGetItem: at most 60 items in a response."""
        self.requests.append("BatchGetItem")
        keys = RequestItems[self.name]["Keys"]
        assert 1 <= len(keys) <= 100
        assert len(set(map(_key, keys))) == len(keys)
        found = [self.items[_key(each)] for each in keys[:60] if _key(each) in self.items]
        left = {self.name: {"Keys": keys[60:]}} if keys[60:] else {}
        return {"Responses": {self.name: list(map(serialize, found))}, "UnprocessedKeys": left}

    def batch_write_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        """BatchWriteItem: at most 20 items of a request are written."""
        self.requests.append("BatchWriteItem")
        requests = RequestItems[self.name]
        assert 1 <= len(requests) <= 25
        for each in requests[:20]:
            if "PutRequest" in each:
                item = deserialize(each["PutRequest"]["Item"])
                self.items[item["term"], item["place"]] = item
            else:
                self.items.pop(_key(each["DeleteRequest"]["Key"]), None)
        return {"UnprocessedItems": {self.name: requests[20:]} if requests[20:] else {}}

    def update_item(self, **update: Any) -> None:
        """UpdateItem: ADD to a bucket and DELETE from it."""
        self._count("UpdateItem", update)
        key = _key(update["Key"])
        there: set[str] = self.items.get(key, {}).get("members", set())
        values = deserialize(update["ExpressionAttributeValues"])
        action = update["UpdateExpression"].partition(" ")[0]
        if action == "ADD":
            if len(there) >= values[":most"]:
                raise error("ConditionalCheckFailedException", "UpdateItem")
            there = there | values[":texts"]
        else:
            there = there - values[":texts"]
        self.items[key] = {"term": key[0], "place": key[1], **({"members": there} if there else {})}

    def put_item(self, **put: Any) -> None:
        """PutItem, on the condition that the item is missing or has these values."""
        self._count("PutItem", put)
        item = deserialize(put["Item"])
        there = self.items.get((item["term"], item["place"]))
        names = put["ExpressionAttributeNames"]
        values = deserialize(put["ExpressionAttributeValues"])
        if there and not any(
            all(
                there.get(names[name]) == values[value]
                for name, value in re.findall(r"(#\w+) = (:\w+)", clause)
            )
            for clause in put["ConditionExpression"].split(" OR ")
            if "=" in clause
        ):
            refused: Any = error("ConditionalCheckFailedException", "PutItem")
            assert put["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"
            refused.response["Item"] = serialize(there)
            raise refused
        if not there and "attribute_not_exists" not in put["ConditionExpression"]:
            raise error("ConditionalCheckFailedException", "PutItem")
        self.items[item["term"], item["place"]] = item

    def delete_item(self, **request: Any) -> None:
        """DeleteItem, on the condition that the item has these values."""
        self._count("DeleteItem", request)
        self.items.pop(_key(request["Key"]), None)

    def get_paginator(self, operation: str) -> "IndexTable":
        """Return the paginator of Scan."""
        assert operation == "scan"
        return self

    def paginate(self, *, TableName: str, ConsistentRead: bool) -> Any:  # noqa: N803
        """Yield all items, one in a page."""
        assert TableName == self.name
        assert ConsistentRead
        for item in list(self.items.values()):
            yield {"Items": [serialize(item)]}

    def _count(self, operation: str, request: dict[str, Any]) -> None:
        assert request["TableName"] == self.name
        self.requests.append(operation)


def _key(key: dict[str, Any]) -> tuple[str, str]:
    plain = deserialize(key)
    return plain["term"], plain["place"]
