"""Operations of DynamoDB, and of its streams.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from localstack_native.access.operations.table import (
    ALL,
    Parameters,
    Place,
    Required,
    Table,
    arn,
    given,
)

_table = arn("dynamodb", "table/{}")
_global = arn("dynamodb", "global-table/{}", place=":{account}")
_STATEMENT = re.compile(
    r"""\s*(?:(?P<select>SELECT\b.*?\bFROM)|(?P<insert>INSERT\s+INTO)|(?P<update>UPDATE)|
    (?P<delete>DELETE\s+FROM))\s+(?:"(?P<quoted>[^"]+)"|(?P<bare>[\w.-]+))
    (?:\.(?:"(?P<quoted_index>[^"]+)"|(?P<index>[\w.-]+)))?""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_EQUALITY = re.compile(r"(#?[\w.-]+)\s*=\s*(:\w+)")
_NAMES = re.compile(r"#?[A-Za-z_][\w-]*")


def _resource(request: Parameters, place: Place) -> str:
    table = _table(request.get("TableName", ""), place)
    index = request.get("IndexName")
    return f"{table}/index/{index}" if index else table


def _hash_key(request: Parameters, place: Place) -> str:
    """Return the name of the partition key of a table or an index; an empty string if unknown."""
    from moto.dynamodb.models import dynamodb_backends

    arn_ = _table(request.get("TableName", ""), place)
    account, name = arn_.split(":")[4], arn_.rpartition("/")[2]
    table = dynamodb_backends[account][place.region].tables.get(name)
    if table is None:
        return ""
    if index := request.get("IndexName"):
        schemas = [each.schema for each in table.all_indexes() if each.name == index]
        keys = [key for schema in schemas for key in schema]
        return next((key["AttributeName"] for key in keys if key["KeyType"] == "HASH"), "")
    return str(table.hash_key_attr)


def _value(attribute: Any) -> str:
    return str(next(iter(attribute.values()), "")) if isinstance(attribute, Mapping) else ""


def _leading(request: Parameters, place: Place) -> list[str]:
    """Return the values of partition keys in a request."""
    items = [each for name in ("Key", "Item") if (each := request.get(name))]
    items += request.get("Keys") or ()
    expression = request.get("KeyConditionExpression")
    if not items and not expression and not request.get("KeyConditions"):
        return []
    name = _hash_key(request, place)
    found = [_value(item[name]) for item in items if name in item]
    names = request.get("ExpressionAttributeNames") or {}
    values = request.get("ExpressionAttributeValues") or {}
    for left, right in _EQUALITY.findall(expression or ""):
        if names.get(left, left) == name:
            found.append(_value(values.get(right)))
    if condition := (request.get("KeyConditions") or {}).get(name):
        found += [_value(each) for each in condition.get("AttributeValueList", ())]
    return found


def _attributes(request: Parameters) -> list[str]:
    """Return the attributes in a request, at the top level."""
    found = set(request.get("AttributesToGet") or ())
    for name in ("Key", "Item", "AttributeUpdates", "Expected", "KeyConditions", "QueryFilter"):
        found |= set(request.get(name) or ())
    aliases = request.get("ExpressionAttributeNames") or {}
    found |= set(aliases.values())
    if projection := request.get("ProjectionExpression"):
        tops = (_NAMES.match(each.strip()) for each in str(projection).split(","))
        found |= {aliases.get(top[0], top[0]) for top in tops if top}
    return sorted(found)


def _keys(request: Parameters, place: Place) -> dict[str, str | list[str]]:
    keys: dict[str, str | list[str]] = {}
    if leading := _leading(request, place):
        keys["dynamodb:LeadingKeys"] = leading
    if attributes := _attributes(request):
        keys["dynamodb:Attributes"] = attributes
    for name in ("Select", "ReturnValues", "ReturnConsumedCapacity"):
        if value := request.get(name):
            keys[f"dynamodb:{name}"] = str(value)
    if "dynamodb:Select" not in keys and request.get("ProjectionExpression"):
        keys["dynamodb:Select"] = "SPECIFIC_ATTRIBUTES"
    return keys


class _Keys(Mapping[str, "str | list[str]"]):
    """The condition keys of a request, which are computed when they are read."""

    def __init__(self, request: Parameters, place: Place, **more: str) -> None:
        self._arguments = (request, place)
        self._more = {f"dynamodb:{name}": value for name, value in more.items()}
        self._found: dict[str, str | list[str]] | None = None

    def _read(self) -> dict[str, str | list[str]]:
        if self._found is None:
            self._found = {**_keys(*self._arguments), **self._more}
        return self._found

    def __getitem__(self, key: str) -> str | list[str]:
        return self._read()[key]

    def __iter__(self) -> Any:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def _on_items(name: str) -> Any:
    def required(request: Parameters, place: Place) -> Iterable[Required]:
        yield Required(f"dynamodb:{name}", _resource(request, place), _Keys(request, place))

    return required


def _batch_get(request: Parameters, place: Place) -> Iterable[Required]:
    for table, wanted in (request.get("RequestItems") or {}).items():
        of_table = {"TableName": table, **wanted}
        yield Required("dynamodb:BatchGetItem", _table(table, place), _Keys(of_table, place))


def _batch_write(request: Parameters, place: Place) -> Iterable[Required]:
    for table, writes in (request.get("RequestItems") or {}).items():
        keys = [each.get("DeleteRequest", {}).get("Key") for each in writes]
        items = [each.get("PutRequest", {}).get("Item") for each in writes]
        of_table = {"TableName": table, "Keys": [each for each in (*keys, *items) if each]}
        yield Required("dynamodb:BatchWriteItem", _table(table, place), _Keys(of_table, place))


_TRANSACTED = {
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


def _transact(enclosing: str) -> Any:
    """Return the requirements of a transaction, which are those of its items."""

    def required(request: Parameters, place: Place) -> Iterable[Required]:
        for item in request.get("TransactItems") or ():
            for kind, parameters in item.items():
                yield Required(
                    f"dynamodb:{_TRANSACTED.get(kind, kind)}",
                    _resource(parameters, place),
                    _Keys(parameters, place, EnclosingOperation=enclosing),
                )

    return required


def _execute(request: Parameters, place: Place) -> Iterable[Required]:
    """Yield the requirements of PartiQL statements, by their first word."""
    statements = request.get("Statements") or request.get("TransactStatements") or [request]
    for each in statements:
        found = _STATEMENT.match(each.get("Statement", ""))
        if found is None:
            yield Required("dynamodb:PartiQLSelect", ALL)
            continue
        kind = next(name for name in ("select", "insert", "update", "delete") if found[name])
        resource = _table(found["quoted"] or found["bare"], place)
        if index := found["quoted_index"] or found["index"]:
            resource = f"{resource}/index/{index}"
        yield Required(f"dynamodb:PartiQL{kind.capitalize()}", resource)


def _import(request: Parameters, place: Place) -> Iterable[Required]:
    table = (request.get("TableCreationParameters") or {}).get("TableName", "")
    yield Required("dynamodb:ImportTable", _table(table, place))


_ON_ITEMS = ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan")

TABLE = Table(
    "dynamodb",
    resources={
        "RestoreTableFromBackup.BackupArn": given,
        "RestoreTableToPointInTime.SourceTableArn": given,
        "RestoreTableToPointInTime.SourceTableName": _table,
        "DescribeBackup.BackupArn": given,
        "DeleteBackup.BackupArn": given,
        "TableName": _table,
        "TableArn": given,
        "GlobalTableName": _global,
        "ResourceArn": given,
        "ExportArn": given,
        "ImportArn": given,
        "StreamArn": given,
    },
    on_all=frozenset({"ListBackups", "ListContributorInsights", "ListExports", "ListImports"}),
    special={
        "BatchExecuteStatement": _execute,
        "BatchGetItem": _batch_get,
        "BatchWriteItem": _batch_write,
        "ExecuteStatement": _execute,
        "ExecuteTransaction": _execute,
        "ImportTable": _import,
        "TransactGetItems": _transact("TransactGetItems"),
        "TransactWriteItems": _transact("TransactWriteItems"),
        **{name: _on_items(name) for name in _ON_ITEMS},
    },
)

STREAMS = Table(
    "dynamodb",
    resources={"StreamArn": given},
    special={
        "GetRecords": lambda request, _: [
            # An iterator contains the ARN of its stream.
            Required("dynamodb:GetRecords", _stream(request.get("ShardIterator", "")))
        ]
    },
    on_all=frozenset({"ListStreams"}),
)


def _stream(iterator: str) -> str:
    found = re.search(r"arn:[^|]+/stream/[^|]+", iterator)
    return found[0] if found else ALL
