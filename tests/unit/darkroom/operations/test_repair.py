"""Repairs of keys with faults."""

from typing import Any

import pytest
from botocore.stub import Stubber

from darkroom.operations.consistency import Comparison, Fault, Findings, Known
from darkroom.operations.repair import requests, results
from processor.catalog.attributes import serialize
from processor.catalog.entries import Entry
from processor.sqs.s3_events import read_message
from tests.unit.darkroom.operations.stubs import listing, stubbed_cloud

IDLE = {"waiting": 0, "in flight": 0, "dead": 0}


def entry(**fields: Any) -> Entry:
    """Return an entry of the key "a"."""
    return {
        "filename": "a", "status": "done", "sequencer": "1",
        "timestamp": "2026-05-01T11:00:00.000Z", "updated": "2026-05-01T11:00:00.000Z", **fields,  # type: ignore[typeddict-item]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "recipe", "requested"),
    [
        ("missing", "avatar", "avatar"),
        ("missing", "of a newer version", None),
        ("stale", "avatar", None),
    ],
)
def test_the_recipe(kind: Any, recipe: str, requested: str | None) -> None:
    """A request has the entry's recipe if the entry describes the current original."""
    cloud = stubbed_cloud()
    comparison = Comparison({"a": Known.of(entry(recipe=recipe))})
    findings = Findings(comparison, [Fault(kind, "a", ""), Fault("orphan", "", "")], [], IDLE)
    with Stubber(cloud.s3) as s3, Stubber(cloud.catalog.dynamodb) as dynamodb:
        s3.add_client_error("head_object", "404")
        dynamodb.add_response("get_item", {"Item": serialize(entry())})
        s3.add_response("list_objects_v2", listing())
        ((request,),) = requests(cloud, findings)
    (change,) = read_message(request.body, "raw")
    assert (change.kind, change.key, change.recipe) == ("requested", "a", requested)
    assert change.sequencer > "1"


def test_results() -> None:
    """A key is yielded when a newer change of it has ended."""
    cloud = stubbed_cloud()
    states = [entry(), entry(sequencer="2", status="processing"), entry(sequencer="2")]
    with Stubber(cloud.catalog.dynamodb) as dynamodb:
        for each in states:
            dynamodb.add_response(
                "batch_get_item",
                {"Responses": {"table": [serialize(each)]}, "UnprocessedKeys": {}},
            )
        assert [key for key, _ in results(cloud, {"a": "1"}, 60)] == ["a"]


def test_timeout() -> None:
    """It ends when no key was yielded for that time."""
    cloud = stubbed_cloud()
    with Stubber(cloud.catalog.dynamodb):
        assert list(results(cloud, {"a": "1"}, 0)) == []
