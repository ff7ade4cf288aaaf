"""Metric data of log events in Embedded Metric Format."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from localstack_native.cloudwatch.emf import MalformedError, metric_data

WHEN = datetime(2026, 5, 1, tzinfo=UTC)


def event(*metrics: dict[str, Any], dimensions: Any = (("service",),), **members: Any) -> str:
    """A document with one directive."""
    directive = {"Namespace": "Shop", "Dimensions": dimensions, "Metrics": metrics}
    metadata = {"Timestamp": int(WHEN.timestamp() * 1000), "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": metadata, "service": "till", **members})


def test_a_member_is_a_value() -> None:
    """A member of the document is the metric's value; unit and resolution have defaults."""
    ((namespace, data),) = metric_data(event({"Name": "Sold"}, Sold=3))
    assert namespace == "Shop"
    assert data == [
        {
            "MetricName": "Sold",
            "Dimensions": [{"Name": "service", "Value": "till"}],
            "Timestamp": WHEN,
            "Unit": "None",
            "StorageResolution": 60,
            "Value": 3.0,
        }
    ]


def test_arrays_and_sets_of_dimensions() -> None:
    """Each metric is published for each set of dimensions, with all values of an array."""
    metrics = ({"Name": "Took", "Unit": "Milliseconds"}, {"Name": "Sold", "Unit": "Count"})
    text = event(*metrics, dimensions=[["service"], ["service", "shop"], []], shop=7,
                 Took=[1, 2.5], Sold=1)  # fmt: skip
    ((_, data),) = metric_data(text)
    found = [(each["MetricName"], [d["Value"] for d in each["Dimensions"]]) for each in data]
    assert found == [
        ("Took", ["till"]), ("Sold", ["till"]),
        ("Took", ["till", "7"]), ("Sold", ["till", "7"]),
        ("Took", []), ("Sold", []),
    ]  # fmt: skip
    assert data[0]["Values"] == [1.0, 2.5]
    assert data[0]["Unit"] == "Milliseconds"


@pytest.mark.parametrize(
    "message",
    [
        "START RequestId: 1",
        '{"level":"INFO"}',
        '{"_aws": broken',
        '{"_aws": {"Timestamp": 1}}',
        "[]",
    ],
)
def test_other_log_events_are_ignored(message: str) -> None:
    """A log event that is not an EMF document yields no metrics."""
    assert list(metric_data(message)) == []


def test_a_metric_without_a_member_is_skipped() -> None:
    """A metric that the document has no member for is skipped."""
    ((_, data),) = metric_data(event({"Name": "Sold"}, {"Name": "Lost"}, Sold=1))
    assert [each["MetricName"] for each in data] == ["Sold"]


@pytest.mark.parametrize(
    "message",
    [
        event({"Name": "Sold"}, Sold="three"),
        event({"Name": "Sold"}, Sold=True),
        event({"Name": "Sold"}, Sold=list(range(101))),
        event({"Name": "Sold"}, dimensions=[["nowhere"]], Sold=1),
        event({"Name": "Sold"}, dimensions=[["service"] * 31], Sold=1),
        event({"Unit": "Count"}, Sold=1),
        '{"_aws": {"CloudWatchMetrics": [{}]}}',
    ],
)
def test_malformed_documents_are_errors(message: str) -> None:
    """The error of an invalid document has the reason."""
    with pytest.raises(MalformedError):
        list(metric_data(message))
