"""Query, Scan and GetItem of the emulator, compared with moto's own on random tables."""

import base64
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

WORKER = Path(__file__).with_name("moto_worker.py")

STRINGS = ["a", "ab", "b", "é"]
NUMBERS = ["-1", "0", "1.5", "2", "10"]
KEYS = {"p": "S", "s": "N", "g": "S", "t": "N", "u": "S"}
"""The attributes that may be keys: of the table ``p`` and ``s``, of indexes the others."""

Request = tuple[str, dict[str, Any]]


class Worker:
    """A process that runs DynamoDB requests."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-P", WORKER, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def send(self, requests: Sequence[Request]) -> list[Any]:
        """Send requests to tables that are empty at first; return the responses."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(requests) + "\n")
        self.process.stdin.flush()
        said: list[Any] = json.loads(self.process.stdout.readline())
        return said


@pytest.fixture(scope="module")
def workers() -> Iterator[tuple[Worker, Worker]]:
    """Yield the emulator's DynamoDB, and moto's own."""
    ours, moto = Worker(), Worker("moto")
    with ours.process, moto.process:
        yield ours, moto
        for each in (ours, moto):
            assert each.process.stdin
            each.process.stdin.close()


def value_of(kind: str) -> st.SearchStrategy[dict[str, str]]:
    """Values of a key attribute."""
    return st.sampled_from(STRINGS if kind == "S" else NUMBERS).map(lambda value: {kind: value})


OTHERS = st.fixed_dictionaries(
    {},
    optional={
        "x": st.sampled_from([{"N": "1"}, {"N": "2.50"}, {"S": "yes"}, {"BOOL": True}]),
        "m": st.sampled_from([{"M": {"a": {"S": "1"}, "b": {"M": {"c": {"N": "3"}}}}}, {"M": {}}]),
        "l": st.sampled_from([{"L": [{"S": "a"}, {"M": {"d": {"NULL": True}}}]}, {"SS": ["a"]}]),
    },
)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    """Tables with and without a sort key, with indexes of every kind."""
    keys = [("p", "HASH"), *([("s", "RANGE")] if draw(st.booleans()) else [])]
    projections = st.sampled_from(
        [
            {"ProjectionType": "ALL"},
            {"ProjectionType": "KEYS_ONLY"},
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"]},
        ]
    )

    def index(name: str, *schema: tuple[str, str]) -> dict[str, Any]:
        return {"IndexName": name, "KeySchema": schema_of(schema), "Projection": draw(projections)}

    made: dict[str, Any] = {
        "TableName": "T",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": schema_of(keys),
        "GlobalSecondaryIndexes": [
            index("sorted", ("g", "HASH"), ("t", "RANGE")),
            index("unsorted", ("g", "HASH")),
        ],
    }
    if len(keys) == 2:
        made["LocalSecondaryIndexes"] = [index("local", ("p", "HASH"), ("u", "RANGE"))]
    used = {each["AttributeName"] for each in made["KeySchema"]}
    for each in [*made["GlobalSecondaryIndexes"], *made.get("LocalSecondaryIndexes", [])]:
        used |= {key["AttributeName"] for key in each["KeySchema"]}
    made["AttributeDefinitions"] = [
        {"AttributeName": name, "AttributeType": KEYS[name]} for name in sorted(used)
    ]
    return made


def schema_of(keys: Any) -> list[dict[str, str]]:
    """A key schema in the shape of requests."""
    return [{"AttributeName": name, "KeyType": kind} for name, kind in keys]


@st.composite
def writes(draw: st.DrawFn, table: dict[str, Any]) -> Request:
    """One write, whatever the operation."""
    names = [each["AttributeName"] for each in table["KeySchema"]]
    key = {name: draw(value_of(KEYS[name])) for name in names}
    more = {name: draw(value_of(KEYS[name])) for name in ("g", "t", "u") if draw(st.integers(0, 3))}
    item = {**key, **more, **draw(OTHERS)}
    put = {"TableName": "T", "Item": item}
    remove = {"TableName": "T", "Key": key}
    update = {
        **remove,
        "UpdateExpression": "SET #g = :g, #m = :m REMOVE #t",
        "ExpressionAttributeNames": {"#g": "g", "#m": "m", "#t": "t"},
        "ExpressionAttributeValues": {":g": draw(value_of("S")), ":m": {"M": {"a": {"N": "7"}}}},
    }
    refused = {
        "ConditionCheck": {
            "TableName": "T",
            "Key": {name: {KEYS[name]: "99"} for name in names},
            "ConditionExpression": "attribute_exists(p)",
        }
    }
    every: list[Request] = [
        ("PutItem", put),
        ("PutItem", put),
        ("DeleteItem", remove),
        ("UpdateItem", update),
        ("BatchWriteItem", {"RequestItems": {"T": [{"PutRequest": {"Item": item}}]}}),
        ("TransactWriteItems", {"TransactItems": [{"Update": update}]}),
        ("TransactWriteItems", {"TransactItems": [{"Delete": remove}, refused]}),
        ("TransactWriteItems", {"TransactItems": [{"Update": update}, refused]}),
        ("TransactWriteItems", {"TransactItems": [{"Put": put}, refused]}),
    ]
    return draw(st.sampled_from(every))


FILTERS: list[tuple[str, dict[str, Any]]] = [
    ("", {}),
    ("#x = :x", {":x": {"N": "1"}}),
    ("attribute_exists(#x)", {}),
    ("NOT contains(#l, :x)", {":x": {"S": "a"}}),
]
PROJECTIONS = ["", "#x", "#p, #m.#a", "#m.#b.#c, #m.#a", "l[1].d"]


@st.composite
def reads(draw: st.DrawFn, table: dict[str, Any]) -> Request:
    """A query, a scan, or a read of an item."""
    request: dict[str, Any] = {"TableName": "T"}
    values: dict[str, Any] = {}
    operation = draw(st.sampled_from(["Query", "Query", "Query", "Scan", "GetItem"]))
    if operation == "GetItem":
        names = [each["AttributeName"] for each in table["KeySchema"]]
        request["Key"] = {name: draw(value_of(KEYS[name])) for name in names}
    else:
        indexes = [*table["GlobalSecondaryIndexes"], *table.get("LocalSecondaryIndexes", [])]
        index = draw(st.sampled_from([None, *indexes]))
        if index:
            request["IndexName"] = index["IndexName"]
        if limit := draw(st.sampled_from([None, 1, 2, 3])):
            request["Limit"] = limit
        condition, values = draw(st.sampled_from(FILTERS))
        if condition:
            request["FilterExpression"] = condition
        values = dict(values)
    if operation == "Query":
        schema = (index or table)["KeySchema"]
        request["KeyConditionExpression"] = draw(conditions(schema, values))
        request["ScanIndexForward"] = draw(st.booleans())
        request["Select"] = draw(st.sampled_from(["ALL_ATTRIBUTES", "COUNT"]))
    if projection := draw(st.sampled_from(PROJECTIONS)):
        request["ProjectionExpression"] = projection
    expressions = " ".join(value for name, value in request.items() if "Expression" in name)
    if used := sorted(set(re.findall(r"#(\w+)", expressions))):
        request["ExpressionAttributeNames"] = {f"#{name}": name for name in used}
    if values:
        request["ExpressionAttributeValues"] = values
    return operation, request


@st.composite
def conditions(draw: st.DrawFn, schema: list[dict[str, str]], values: dict[str, Any]) -> str:
    """A key's condition, whose operands are put into ``values``."""
    first, *others = (each["AttributeName"] for each in schema)
    values[":first"] = draw(value_of(KEYS[first]))
    expression = f"#{first} = :first"
    if not others or draw(st.booleans()):
        return expression
    (sort,) = others
    low, high = sorted(
        [draw(value_of(KEYS[sort])) for _ in range(2)],
        key=lambda each: Decimal(each["N"]) if "N" in each else each["S"],
    )
    values[":low"] = low
    forms = [f"#{sort} {compare} :low" for compare in ("=", "<", "<=", ">", ">=")]
    if KEYS[sort] == "S":
        forms.append(f"begins_with(#{sort}, :low)")
    form = draw(st.sampled_from([*forms, f"#{sort} BETWEEN :low AND :high"]))
    if ":high" in form:
        values[":high"] = high
    return f"{expression} AND {form}"


def normalized(value: Any) -> Any:
    """A response whose sets are sorted and whose numbers have one notation."""
    if isinstance(value, list):
        return [normalized(each) for each in value]
    if not isinstance(value, dict):
        return value
    if isinstance(number := value.get("N"), str):
        return {"N": str(Decimal(number).normalize())}
    if isinstance(strings := value.get("SS"), list):
        return {"SS": sorted(strings)}
    return {name: normalized(each) for name, each in value.items()}


def assert_same(request: dict[str, Any], ours: list[Any], moto: list[Any]) -> None:
    """Compare the pages of a read. As on AWS, a full page ends with a key even if nothing follows,
    and the next page is empty. moto looks ahead.
    """
    if len(ours) == len(moto) + 1 and ours[-1].get("ScannedCount") == 0:
        *ours, _ = ours
        assert ours[-1]["ScannedCount"] == request["Limit"]
        del ours[-1]["LastEvaluatedKey"]
    assert ours == moto, request


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_pages_equal_those_of_moto(workers: tuple[Worker, Worker], data: st.DataObject) -> None:
    """After any writes, including refused transactions, every page equals moto's."""
    ours, moto = workers
    table = data.draw(tables())
    steps: list[Request] = [("CreateTable", table)]
    for _ in range(data.draw(st.integers(1, 3))):
        steps += data.draw(st.lists(writes(table), min_size=1, max_size=15))
        steps += data.draw(st.lists(reads(table), min_size=1, max_size=5))
    found, expected = normalized(ours.send(steps)), normalized(moto.send(steps))
    for (operation, request), one, other in zip(steps, found, expected, strict=True):
        assert "crash" not in other
        if operation in ("Query", "Scan"):
            assert_same(request, one, other)
        elif operation != "CreateTable":
            assert one == other, request


def with_items(table: dict[str, Any], *items: dict[str, Any]) -> list[Request]:
    """Requests that create a table and put items."""
    made = {"TableName": "T", "BillingMode": "PAY_PER_REQUEST", **table}
    puts: list[Request] = [("PutItem", {"TableName": "T", "Item": item}) for item in items]
    return [("CreateTable", made), *puts]


def keyed(kind: str) -> dict[str, Any]:
    """A table with a sort key of a type."""
    return {
        "KeySchema": schema_of([("p", "HASH"), ("s", "RANGE")]),
        "AttributeDefinitions": [
            {"AttributeName": "p", "AttributeType": "S"},
            {"AttributeName": "s", "AttributeType": kind},
        ],
    }


def query(**more: Any) -> Request:
    """A query of the partition ``a``."""
    values = {":p": {"S": "a"}, **more.pop("values", {})}
    condition = "p = :p" + more.pop("condition", "")
    request = {"KeyConditionExpression": condition, "ExpressionAttributeValues": values, **more}
    return "Query", {"TableName": "T", **request}


def sort_keys(pages: list[Any]) -> list[list[str]]:
    """The values of the sort key on each page."""
    return [[next(iter(item["s"].values())) for item in page["Items"]] for page in pages]


def test_bytes_and_large_numbers_are_sorted_as_on_aws(workers: tuple[Worker, Worker]) -> None:
    """Binary keys are sorted by their unsigned bytes, numbers by all of their 38 digits."""
    ours, _ = workers
    of_bytes = [base64.b64encode(each).decode() for each in (b"\x00", b"\x0a", b"z", b"\xff\x01")]
    items = [{"p": {"S": "a"}, "s": {"B": each}} for each in reversed(of_bytes)]
    above = query(condition=" AND s > :s", values={":s": {"B": of_bytes[0]}})
    *_, everything, some = ours.send([*with_items(keyed("B"), *items), query(), above])
    assert sort_keys(everything) == [of_bytes]
    assert sort_keys(some) == [of_bytes[1:]]
    numbers = [f"1234567890123456789012345678901234567{digit}" for digit in range(3)]
    items = [{"p": {"S": "a"}, "s": {"N": each}} for each in reversed(numbers)]
    *_, found = ours.send([*with_items(keyed("N"), *items), query()])
    assert sort_keys(found) == [numbers]


def test_a_page_ends_at_a_megabyte(workers: tuple[Worker, Worker]) -> None:
    """A page ends at 1 MB of items, with any filter and any projection."""
    ours, moto = workers
    items = [
        {"p": {"S": "a"}, "s": {"N": n}, "n": {"N": n}, "x": {"S": "x" * 300_000}}
        for n in map(str, range(7))
    ]
    request = query(
        ProjectionExpression="s",
        FilterExpression="n <> :one",
        ExpressionAttributeValues={":p": {"S": "a"}, ":one": {"N": "1"}},
    )
    steps = [*with_items(keyed("N"), *items), request]
    (*_, found), (*_, expected) = ours.send(steps), moto.send(steps)
    assert sort_keys(found) == [["0", "2"], ["3", "4", "5"], ["6"]]
    assert [page["ScannedCount"] for page in found] == [3, 3, 1]
    assert found == expected


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"Limit": 0}, "greater than or equal to 1"),
        ({"ExclusiveStartKey": {"p": {"S": "a"}}}, "starting key is invalid"),
        ({"ExclusiveStartKey": {"p": {"S": "a"}, "s": {"S": "1"}}}, "starting key is invalid"),
        ({"ExclusiveStartKey": {"p": {"S": "a"}, "s": {"N": "x"}}}, "starting key is invalid"),
        (
            {"condition": " AND s > :s", "values": {":s": {"S": "1"}}},
            "does not match schema type",
        ),
        (
            {"condition": " AND begins_with(s, :s)", "values": {":s": {"N": "1"}}},
            "Incorrect operand type",
        ),
    ],
)
def test_invalid_reads_are_refused(
    workers: tuple[Worker, Worker], wrong: dict[str, Any], message: str
) -> None:
    """Invalid reads that moto accepts or fails at are refused as on AWS."""
    ours, _ = workers
    item = {"p": {"S": "a"}, "s": {"N": "1"}}
    *_, (response,) = ours.send([*with_items(keyed("N"), item), query(**wrong)])
    code, said = response["error"]
    assert code.endswith("ValidationException")
    assert message in said


def test_consistent_reads_of_a_global_index_are_refused(workers: tuple[Worker, Worker]) -> None:
    """A consistent read of a global secondary index is refused, as on AWS."""
    ours, _ = workers
    schema = schema_of([("s", "HASH")])
    projection = {"ProjectionType": "ALL"}
    index = {"IndexName": "i", "KeySchema": schema, "Projection": projection}
    request = {
        "TableName": "T",
        "IndexName": "i",
        "ConsistentRead": True,
        "KeyConditionExpression": "s = :s",
        "ExpressionAttributeValues": {":s": {"N": "1"}},
    }
    steps = with_items({**keyed("N"), "GlobalSecondaryIndexes": [index]})
    *_, (response,) = ours.send([*steps, ("Query", request)])
    assert "not supported on global secondary indexes" in response["error"][1]
