"""DynamoDB on moto, and its time to live."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .localstack import LocalStack
from .waiting import wait_for

YEAR = 365 * 24 * 3600


@pytest.fixture
def dynamodb(emulator: LocalStack) -> Any:
    """Return a client."""
    return emulator.client("dynamodb")


@pytest.fixture
def table(dynamodb: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield a table with an index, for one test."""
    name = request.node.name.translate(str.maketrans("[]-", "___"))
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "key", "AttributeType": "S"},
            {"AttributeName": "group", "AttributeType": "S"},
            {"AttributeName": "at", "AttributeType": "N"},
        ],
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "newest",
                "KeySchema": [
                    {"AttributeName": "group", "KeyType": "HASH"},
                    {"AttributeName": "at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    yield name
    dynamodb.delete_table(TableName=name)


def keys(dynamodb: Any, table: str) -> set[str]:
    """Return the keys of all items."""
    return {item["key"]["S"] for item in dynamodb.scan(TableName=table)["Items"]}


def test_an_index_is_queried_by_page(dynamodb: Any, table: str) -> None:
    """An index is queried in the order of its range key, page by page, without other groups."""
    for number in range(5):
        dynamodb.put_item(
            TableName=table,
            Item={"key": {"S": str(number)}, "group": {"S": "a"}, "at": {"N": str(number)}},
        )
    dynamodb.put_item(
        TableName=table, Item={"key": {"S": "x"}, "group": {"S": "b"}, "at": {"N": "9"}}
    )
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        IndexName="newest",
        KeyConditionExpression="#group = :group",
        ExpressionAttributeNames={"#group": "group"},
        ExpressionAttributeValues={":group": {"S": "a"}},
        ScanIndexForward=False,
        PaginationConfig={"PageSize": 2},
    )
    found = [[item["key"]["S"] for item in page["Items"]] for page in pages]
    assert [key for page in found for key in page] == ["4", "3", "2", "1", "0"]
    assert max(map(len, found)) == 2


def test_a_false_condition_refuses_a_write(dynamodb: Any, table: str) -> None:
    """A condition that does not hold refuses the write and returns the old item on request."""
    item = {"key": {"S": "k"}, "n": {"N": "1"}}
    condition = {"ConditionExpression": "attribute_not_exists(#key)"}
    names = {"ExpressionAttributeNames": {"#key": "key"}}
    dynamodb.put_item(TableName=table, Item=item, **condition, **names)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as caught:
        dynamodb.put_item(
            TableName=table,
            Item={"key": {"S": "k"}, "n": {"N": "2"}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
            **condition,
            **names,
        )
    assert caught.value.response["Item"] == item


def test_a_transaction_is_atomic(dynamodb: Any, table: str) -> None:
    """A transaction writes all or nothing, and returns the reason for each part."""
    put = {"Put": {"TableName": table, "Item": {"key": {"S": "new"}}}}
    check = {
        "ConditionCheck": {
            "TableName": table,
            "Key": {"key": {"S": "missing"}},
            "ConditionExpression": "attribute_exists(n)",
        }
    }
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as caught:
        dynamodb.transact_write_items(TransactItems=[put, check])
    reasons = [reason["Code"] for reason in caught.value.response["CancellationReasons"]]
    assert reasons == ["None", "ConditionalCheckFailed"]
    assert keys(dynamodb, table) == set()
    dynamodb.transact_write_items(TransactItems=[put])
    assert keys(dynamodb, table) == {"new"}


def test_concurrent_additions_are_counted(dynamodb: Any, table: str) -> None:
    """Concurrent additions are all counted."""

    def add(_: int) -> None:
        dynamodb.update_item(
            TableName=table,
            Key={"key": {"S": "k"}},
            UpdateExpression="ADD n :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(100)))
    item = dynamodb.get_item(TableName=table, Key={"key": {"S": "k"}})["Item"]
    assert item["n"] == {"N": "100"}


def test_writes_are_atomic(dynamodb: Any, table: str) -> None:
    """Of concurrent conditional creations of an item one succeeds, and no read sees half of it.

    moto alone writes field by field, and looks at the condition before.
    """
    names = [f"field{number}" for number in range(60)]
    update = {
        "UpdateExpression": "SET " + ", ".join(f"{name} = :me" for name in names),
        "ConditionExpression": "attribute_not_exists(field0)",
    }

    def create(who: int) -> bool:
        try:
            dynamodb.update_item(
                TableName=table,
                Key={"key": {"S": f"item{who // 8}"}},
                ExpressionAttributeValues={":me": {"N": str(who)}},
                **update,
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def read(number: int) -> None:
        key = {"key": {"S": f"item{number}"}}
        item = wait_for(lambda: dynamodb.get_item(TableName=table, Key=key).get("Item"))
        assert set(item) == {"key", *names}
        assert len({item[name]["N"] for name in names}) == 1

    with ThreadPoolExecutor(16) as pool:
        looks = [pool.submit(read, number) for number in range(10)]
        created = list(pool.map(create, range(80)))
        for each in looks:
            each.result()
    assert sum(created) == 10


def test_expired_items_are_deleted(dynamodb: Any, table: str) -> None:
    """Items whose TTL attribute is a number of seconds in the past are deleted; others are not."""
    now = int(time.time())
    values = {
        "expired": {"N": str(now - 5)},
        "expired years ago": {"N": str(now - 4 * YEAR)},
        "not yet": {"N": str(now + 1000)},
        "too old to be meant": {"N": str(now - 6 * YEAR)},
        "zero": {"N": "0"},
        "a string": {"S": str(now - 5)},
    }
    for key, value in values.items():
        dynamodb.put_item(TableName=table, Item={"key": {"S": key}, "until": value})
    dynamodb.put_item(TableName=table, Item={"key": {"S": "without"}})
    dynamodb.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"}
    )
    staying = {"not yet", "too old to be meant", "zero", "a string", "without"}
    wait_for(lambda: "expired" not in keys(dynamodb, table))
    wait_for(lambda: keys(dynamodb, table) == staying)


def test_ttl_applies_only_where_enabled(dynamodb: Any, table: str) -> None:
    """Without TTL, or with it disabled, nothing is deleted; items of another table are."""
    expired = {"key": {"S": "k"}, "until": {"N": str(int(time.time()) - 5)}}
    dynamodb.put_item(TableName=table, Item=expired)
    other = f"{table}-swept"
    dynamodb.create_table(
        TableName=other,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "key", "AttributeType": "S"},
            {"AttributeName": "sort", "AttributeType": "N"},
        ],
        KeySchema=[
            {"AttributeName": "key", "KeyType": "HASH"},
            {"AttributeName": "sort", "KeyType": "RANGE"},
        ],
    )
    for enabled in (True, False):
        specification = {"Enabled": enabled, "AttributeName": "until"}
        dynamodb.update_time_to_live(TableName=other, TimeToLiveSpecification=specification)
    dynamodb.put_item(TableName=other, Item=expired | {"sort": {"N": "1"}})
    specification = {"Enabled": True, "AttributeName": "until"}
    dynamodb.update_time_to_live(TableName=other, TimeToLiveSpecification=specification)
    wait_for(lambda: keys(dynamodb, other) == set())
    assert keys(dynamodb, table) == {"k"}
    dynamodb.delete_table(TableName=other)


def test_errors_have_the_names_of_aws(dynamodb: Any) -> None:
    """Errors have AWS's names."""
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        dynamodb.describe_table(TableName="missing")


def test_an_update_of_many_attributes(dynamodb: Any, table: str) -> None:
    """An update expression may have hundreds of clauses; a path that comes twice is refused."""
    names = [f"a{number}" for number in range(250)]
    arguments = {
        "TableName": table,
        "Key": {"key": {"S": "a"}},
        "ExpressionAttributeValues": {":n": {"N": "1"}},
        "ReturnValues": "ALL_NEW",
    }
    expression = f"SET {', '.join(f'{name} = :n' for name in names)}"
    made = dynamodb.update_item(UpdateExpression=expression, **arguments)["Attributes"]
    assert made == {"key": {"S": "a"}} | {name: {"N": "1"} for name in names}
    with pytest.raises(ClientError, match=r"Two document paths overlap .*\[a9\], path two: \[a9\]"):
        dynamodb.update_item(UpdateExpression=f"{expression}, a9 = :n", **arguments)
    with pytest.raises(ClientError, match='The "SET" section can only be used once'):
        dynamodb.update_item(UpdateExpression=f"{expression} SET b = :n", **arguments)
