"""CloudWatch Logs: metric filters."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .localstack import LocalStack
from .logs import Group
from .waiting import wait_for

_numbers = itertools.count()


@pytest.fixture
def group(emulator: LocalStack) -> Group:
    """Return an empty log group."""
    return Group(emulator.client("logs"))


class Metric:
    """A metric of one test."""

    def __init__(self, emulator: LocalStack) -> None:
        self._cloudwatch = emulator.client("cloudwatch")
        self.name = f"filtered-{next(_numbers)}"

    def filter(self, group: Group, pattern: str, value: str = "1", **options: Any) -> None:
        """Create a metric filter of a group for the metric."""
        transformation = {
            "metricName": self.name, "metricNamespace": "tests", "metricValue": value, **options,
        }  # fmt: skip
        group.logs.put_metric_filter(
            logGroupName=group.name,
            filterName=self.name,
            filterPattern=pattern,
            metricTransformations=[transformation],
        )

    def statistics(self, **dimensions: str) -> dict[str, Any]:
        """Return the metric's statistics; an empty dictionary without data."""
        now = datetime.now(UTC)
        response = self._cloudwatch.get_metric_statistics(
            Namespace="tests",
            MetricName=self.name,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=now - timedelta(minutes=30),
            EndTime=now + timedelta(minutes=30),
            Period=3600,
            Statistics=["Sum", "SampleCount", "Maximum"],
        )
        points = response["Datapoints"]
        return dict(points[0]) if points else {}

    def dimensions(self) -> list[dict[str, str]]:
        """Return the sets of dimensions that the metric has, in their order."""
        response = self._cloudwatch.list_metrics(Namespace="tests", MetricName=self.name)
        found = [
            {each["Name"]: each["Value"] for each in metric["Dimensions"]}
            for metric in response["Metrics"]
        ]
        return sorted(found, key=lambda each: sorted(each.items()))


@pytest.fixture
def metric(emulator: LocalStack) -> Metric:
    """Return a metric that has no data."""
    return Metric(emulator)


def test_test_metric_filter(group: Group) -> None:
    """TestMetricFilter returns the messages that match, and their extracted values."""
    messages = ["GET 200", "PUT", "GET 404"]
    response = group.logs.test_metric_filter(
        filterPattern="[method, code = 4*]", logEventMessages=messages
    )
    assert response["matches"] == [
        {
            "eventNumber": 3,
            "eventMessage": "GET 404",
            "extractedValues": {"$method": "GET", "$code": "404"},
        }
    ]


def test_events_are_counted(emulator: LocalStack, group: Group, metric: Metric) -> None:
    """A metric filter counts matching events of its group that arrive after its creation."""
    group.put("ERROR of before")
    metric.filter(group, "ERROR", unit="Count")
    Group(emulator.client("logs")).put("ERROR elsewhere")
    group.put("ERROR 1", "fine", "ERROR 2")
    group.put("ERROR 3", stream="two")
    statistics = wait_for(metric.statistics)
    assert statistics["Sum"] == 3
    assert statistics["Unit"] == "Count"


@pytest.mark.parametrize(
    ("pattern", "value", "messages"),
    [
        ("{ $.ms = * }", "$.ms", ['{"ms": 5}', '{"ms": 2.5}', '{"ms": "slow"}', "none"]),
        ("[name, ms]", "$ms", ["a 5", "b 2.5", "c slow", "none"]),
    ],
)
def test_values_are_taken_from_fields(
    group: Group, metric: Metric, pattern: str, value: str, messages: list[str]
) -> None:
    """A value may be a field's; an event whose field is not a number publishes nothing."""
    metric.filter(group, pattern, value)
    group.put(*messages)
    statistics = wait_for(metric.statistics)
    assert (statistics["Sum"], statistics["SampleCount"]) == (7.5, 2)


def test_dimensions_are_values_of_fields(group: Group, metric: Metric) -> None:
    """Dimensions are fields' values; an event that lacks one publishes nothing."""
    metric.filter(group, "{ $.code = * }", dimensions={"Code": "$.code", "Way": "$.method"})
    group.put(
        '{"code": 404, "method": "GET"}',
        '{"code": 404, "method": "GET"}',
        '{"code": 500, "method": "GET"}',
        '{"code": 404}',
    )
    wait_for(lambda: len(metric.dimensions()) == 2)
    assert metric.dimensions() == [
        {"Code": "404", "Way": "GET"}, {"Code": "500", "Way": "GET"},
    ]  # fmt: skip
    assert metric.statistics(Code="404", Way="GET")["Sum"] == 2
    assert metric.statistics(Code="500", Way="GET")["Sum"] == 1


def test_the_default_value_is_published_without_a_match(
    emulator: LocalStack, group: Group, metric: Metric
) -> None:
    """Events of which none matches publish the default value, if there is one."""
    without = Metric(emulator)
    metric.filter(group, "ERROR", defaultValue=0)
    without.filter(group, "ERROR")
    group.put("fine")
    statistics = wait_for(metric.statistics)
    assert (statistics["Sum"], statistics["Maximum"]) == (0, 0)
    group.put("ERROR")
    wait_for(without.statistics)
    assert metric.statistics()["Sum"] == without.statistics()["SampleCount"] == 1


def test_a_metric_has_the_time_of_its_event(group: Group, metric: Metric) -> None:
    """A metric has the time of its event."""
    metric.filter(group, "ERROR")
    group.put("ERROR", at=group.start - 3 * 3600 * 1000)
    group.put("ERROR")
    assert wait_for(metric.statistics)["Sum"] == 1


def test_filters_are_replaced_and_deleted(group: Group, metric: Metric) -> None:
    """A filter that is put again replaces the old one, and a deleted one publishes nothing."""
    metric.filter(group, "ERROR")
    metric.filter(group, "WARN", "10")
    (kept,) = group.logs.describe_metric_filters(logGroupName=group.name)["metricFilters"]
    assert kept["filterPattern"] == "WARN"
    group.put("ERROR", "WARN")
    assert wait_for(metric.statistics)["Sum"] == 10
    names = {"logGroupName": group.name, "filterName": metric.name}
    group.logs.delete_metric_filter(**names)
    group.put("WARN")
    assert metric.statistics()["Sum"] == 10
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        group.logs.delete_metric_filter(**names)


def test_filters_are_deleted_with_their_group(group: Group, metric: Metric) -> None:
    """A group's filters are deleted with it."""
    metric.filter(group, "ERROR")
    group.logs.delete_log_group(logGroupName=group.name)
    assert not group.logs.describe_metric_filters(filterNamePrefix=metric.name)["metricFilters"]


@pytest.mark.parametrize(
    ("pattern", "value", "options"),
    [
        ("{ $.a = }", "1", {}),
        ("a", "one", {}),
        ("a", "1", {"dimensions": {"a": "$.a"}, "defaultValue": 0}),
        ("a", "1", {"dimensions": {"a": "a"}}),
        ("a", "1", {"dimensions": dict.fromkeys("abcd", "$.a")}),
    ],
)
def test_invalid_filters_are_refused(
    group: Group, metric: Metric, pattern: str, value: str, options: dict[str, Any]
) -> None:
    """A metric filter that AWS refuses is refused."""
    with pytest.raises(ClientError, match="InvalidParameterException"):
        metric.filter(group, pattern, value, **options)
    assert not group.logs.describe_metric_filters(logGroupName=group.name)["metricFilters"]
