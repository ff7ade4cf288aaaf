"""What the catalog asks of DynamoDB."""

import re
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from processor.catalog import SHARDS, Catalog, SupersededError, shard_of
from processor.events import ObjectCreated

EVENT = ObjectCreated("raw", "a/b.jpg", 5, "etag", "2026-05-01T12:00:00.000Z", "0" * 32)
OPERATORS = {"SET", "AND", "OR", "NOT", "attribute_not_exists"}


@pytest.fixture
def dynamodb() -> Any:
    """Give a DynamoDB client that no test lets out."""
    return boto3.client(
        "dynamodb",
        region_name="eu-central-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )


def test_no_attribute_is_named_outright(dynamodb: Any) -> None:
    """DynamoDB reserves some hundred words, and refuses them in expressions: all are aliases."""
    asked: list[dict[str, Any]] = []
    dynamodb.meta.events.register(
        "provide-client-params.dynamodb.*", lambda params, **_: asked.append(params)
    )
    with Stubber(dynamodb) as stubber:
        for operation in ("put_item", "update_item"):
            stubber.add_response(operation, {})
        for _ in range(SHARDS):
            stubber.add_response("query", {"Items": []})
        catalog = Catalog(dynamodb, "table")
        catalog.claim(EVENT)
        catalog.finish(EVENT, status="done", format="jpeg")
        assert list(catalog.newest_first()) == []
    expressions = [
        value for params in asked for name, value in params.items() if name.endswith("Expression")
    ]
    assert len(expressions) == 3 + SHARDS
    for expression in expressions:
        words = set(re.findall(r"(?<![#:\w])[A-Za-z_]\w*", expression))
        assert words <= OPERATORS, expression


@pytest.mark.parametrize("method", ["claim", "finish"])
def test_a_failed_condition_means_superseded(dynamodb: Any, method: str) -> None:
    """Only a failed condition says that the event is out of date."""
    operation = {"claim": "put_item", "finish": "update_item"}[method]
    with Stubber(dynamodb) as stubber:
        stubber.add_client_error(operation, "ConditionalCheckFailedException")
        stubber.add_client_error(operation, "ProvisionedThroughputExceededException")
        act = getattr(Catalog(dynamodb, "table"), method)
        with pytest.raises(SupersededError):
            act(EVENT)
        with pytest.raises(ClientError):
            act(EVENT)


def test_numbers_come_back_whole(dynamodb: Any) -> None:
    """DynamoDB's decimals are integers again, also inside lists and maps."""
    item = {
        "filename": {"S": "a"},
        "size": {"N": "5"},
        "renditions": {"L": [{"M": {"width": {"N": "300"}}}]},
        "timings": {"M": {"fetch": {"N": "7"}}},
    }
    with Stubber(dynamodb) as stubber:
        stubber.add_response(
            "get_item", {"Item": item}, {"TableName": "table", "Key": ANY, "ConsistentRead": True}
        )
        entry = Catalog(dynamodb, "table").get("a")
    assert entry == {
        "filename": "a",
        "size": 5,
        "renditions": [{"width": 300}],
        "timings": {"fetch": 7},
    }
    assert isinstance(entry["size"], int)


def test_shards_are_used_evenly() -> None:
    """No partition of the index gets much more than its part."""
    counts = [0] * SHARDS
    for number in range(4000):
        counts[int(shard_of(f"holiday/{number}.jpg"))] += 1
    assert min(counts) > 0.8 * 4000 / SHARDS


@pytest.mark.parametrize(
    ("before", "has_died"),
    [
        ({}, False),
        ({"sequencer": {"S": EVENT.sequencer}, "status": {"S": "processing"}}, True),
        ({"sequencer": {"S": EVENT.sequencer}, "retry": {"M": {}}}, False),
        ({"sequencer": {"S": "older"}, "status": {"S": "processing"}}, False),
    ],
)
def test_a_claim_knows_of_an_attempt_that_died(
    dynamodb: Any,
    before: dict[str, Any],
    has_died: bool,  # noqa: FBT001
) -> None:
    """An entry of the same write that is still in work, and says no reason, was left by a death."""
    with Stubber(dynamodb) as stubber:
        stubber.add_response("put_item", {"Attributes": before})
        assert Catalog(dynamodb, "table").claim(EVENT) is has_died
