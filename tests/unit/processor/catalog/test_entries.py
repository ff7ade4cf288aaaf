"""What the catalog asks of DynamoDB."""

import re
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from processor.catalog.attributes import deserialize, serialize
from processor.catalog.claims import Claims
from processor.catalog.entries import (
    SHARDS,
    Catalog,
    Entry,
    shard_of,
)
from processor.change import Change
from processor.errors import LostClaimError

CHANGE = Change("created", "a/b.jpg", "2026-05-01T12:00:00.000Z", "0" * 32, 5, "etag")
OPERATORS = {"AND", "SET", "REMOVE", "attribute_not_exists"}


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
    entry: Entry = {"filename": "a/b.jpg", "sequencer": "0", "owner": "me", "status": "done"}
    with Stubber(dynamodb) as stubber:
        for _ in range(5):
            stubber.add_response("update_item", {"Attributes": {}})
        for _ in range(SHARDS):
            stubber.add_response("query", {"Items": []})
        claims = Claims(Catalog(dynamodb, "table"))
        claim = claims.take(CHANGE, "message", 60)
        claims.fail_in_advance(claim, {"code": "a", "message": "b"})
        claims.release(claim, {"code": "a", "message": "b"})
        claims.commit(claim, "done", {"format": "jpeg"})
        claims.reopen(entry)
        assert list(claims.catalog.newest_first()) == []
    expressions = [
        value for params in asked for name, value in params.items() if name.endswith("Expression")
    ]
    assert len(expressions) == 2 * 5 + SHARDS
    for expression in expressions:
        words = set(re.findall(r"(?<![#:\w])[A-Za-z_]\w*", expression))
        assert words <= OPERATORS, expression


def test_a_failed_condition_means_that_the_claim_is_lost(dynamodb: Any) -> None:
    """Only a failed condition does; other refusals may pass by themselves."""
    with Stubber(dynamodb) as stubber:
        stubber.add_response("update_item", {"Attributes": {}})
        stubber.add_client_error("update_item", "ConditionalCheckFailedException")
        stubber.add_client_error("update_item", "ProvisionedThroughputExceededException")
        claims = Claims(Catalog(dynamodb, "table"))
        claim = claims.take(CHANGE, "message", 60)
        with pytest.raises(LostClaimError):
            claims.commit(claim, "done", {})
        with pytest.raises(ClientError):
            claims.commit(claim, "done", {})


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


ANALYSIS = {
    "has_alpha": False,
    "palette": ["#102030", "#405060"],
    "sharpness": 1709.6,
    "exif": {
        "make": "Camera",
        "exposure": 0.008,
        "iso": 400,
        "place": {"latitude": -52.516667, "longitude": 13.405, "altitude": 0.1},
    },
}


def test_an_analysis_comes_back_as_it_was(dynamodb: Any) -> None:
    """Floats become DynamoDB's decimals and floats again, to the last digit, however deep."""
    asked: list[dict[str, Any]] = []
    dynamodb.meta.events.register(
        "provide-client-params.dynamodb.*", lambda params, **_: asked.append(params)
    )
    with Stubber(dynamodb) as stubber:
        for _ in range(2):
            stubber.add_response("update_item", {"Attributes": {}})
        claims = Claims(Catalog(dynamodb, "table"))
        claim = claims.take(CHANGE, "message", 60)
        claims.commit(claim, "done", {"analysis": ANALYSIS, "renditions": [{"ms": 0.5}]})
        written = asked[1]["ExpressionAttributeValues"]
        item = {name: written[f":new_{name}"] for name in ("analysis", "renditions")}
        stubber.add_response(
            "get_item", {"Item": item}, {"TableName": "table", "Key": ANY, "ConsistentRead": True}
        )
        entry = Catalog(dynamodb, "table").get("a")
    assert item["analysis"]["M"]["sharpness"] == {"N": "1709.6"}
    assert entry == {"analysis": ANALYSIS, "renditions": [{"ms": 0.5}]}
    assert entry is not None
    assert isinstance(entry["analysis"]["exif"]["iso"], int)  # type: ignore[index]
    assert entry["analysis"]["has_alpha"] is False  # type: ignore[index]


@pytest.mark.parametrize("number", [0.1, 1 / 3, 1e-6, 123456.789012, 4294967295.0, -179.999999])
def test_every_float_survives(number: float) -> None:
    """DynamoDB keeps 38 digits, more than a float has."""
    item = serialize({"a": {"b": [number]}})
    assert deserialize(item) == {"a": {"b": [number]}}


def test_shards_are_used_evenly() -> None:
    """No partition of the index gets much more than its part."""
    counts = [0] * SHARDS
    for number in range(4000):
        counts[int(shard_of(f"holiday/{number}.jpg"))] += 1
    assert min(counts) > 0.8 * 4000 / SHARDS
