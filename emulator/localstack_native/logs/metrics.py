"""Metric filters: metric data from log events that match a pattern."""

import logging
import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from localstack_native.logs.conditions import number
from localstack_native.logs.patterns import InvalidPatternError, Match, parse

LOG = logging.getLogger(__name__)

MOST_FILTERS = 100
MOST_DIMENSIONS = 3
AT_ONCE = 1000
"""The most data in one PutMetricData request."""
MINUTE = 60_000

type Filter = dict[str, Any]
"""A metric filter in DescribeMetricFilters' shape."""


def check(transformation: Mapping[str, Any]) -> None:
    """Raise ``ValueError`` for a transformation that PutMetricFilter refuses."""
    dimensions = transformation.get("dimensions") or {}
    if len(dimensions) > MOST_DIMENSIONS:
        raise ValueError(f"A metric filter has at most {MOST_DIMENSIONS} dimensions")
    if dimensions and transformation.get("defaultValue") is not None:
        raise ValueError(
            "Invalid metric transformation: dimensions and default value are mutually exclusive "
            "properties."
        )
    value = transformation["metricValue"]
    if not value.startswith("$") and number(value) is None:
        raise ValueError(
            f"Invalid metric transformation: '{value}' is neither a number nor a selector"
        )
    for selector in dimensions.values():
        if not selector.startswith("$"):
            raise ValueError(f"Invalid metric transformation: '{selector}' is not a selector")


class MetricFilters:
    """Metric data of log events; stores the last minute of each filter's default value."""

    def __init__(self) -> None:
        self._default_minutes: dict[tuple[str, str], int] = {}

    def data(
        self, filters: Iterable[Filter], events: Sequence[Mapping[str, Any]]
    ) -> dict[str, list[dict[str, Any]]]:
        """Return the metric data of events by namespace, in PutMetricData's shapes."""
        found: dict[str, list[dict[str, Any]]] = {}
        for metric_filter in filters:
            for transformation in metric_filter["metricTransformations"]:
                found.setdefault(transformation["metricNamespace"], []).extend(
                    self._data(metric_filter, transformation, events)
                )
        return found

    def _data(
        self,
        metric_filter: Filter,
        transformation: Mapping[str, Any],
        events: Sequence[Mapping[str, Any]],
    ) -> Iterator[dict[str, Any]]:
        try:
            pattern = parse(metric_filter["filterPattern"])
        except InvalidPatternError as error:
            LOG.debug("Ignoring the metric filter %s: %s", metric_filter["filterName"], error)
            return
        matched = False
        for event in events:
            if (match := pattern.match(event["message"])) is None:
                continue
            matched = True
            datum = _datum(transformation, match)
            if datum is None:
                LOG.debug("An event has no value for the filter %s", metric_filter["filterName"])
            else:
                yield {**datum, "Timestamp": _time(event["timestamp"])}
        default = transformation.get("defaultValue")
        if default is None or not events:
            return
        # AWS publishes the default for a minute in which no event matches.
        key = metric_filter["logGroupName"], metric_filter["filterName"]
        minute = int(time.time() * 1000) // MINUTE
        if not matched and self._default_minutes.get(key) != minute:
            yield {**_named(transformation), "Value": default, "Timestamp": datetime.now(UTC)}
        self._default_minutes[key] = minute


def _datum(transformation: Mapping[str, Any], match: Match) -> dict[str, Any] | None:
    """Return a datum without its time; None if the event lacks the value or a dimension."""
    text = transformation["metricValue"]
    if text.startswith("$"):
        text = match.find(text)
    value = None if text is None else number(text)
    if value is None or not math.isfinite(value := float(value)):
        return None
    dimensions = []
    for name, selector in (transformation.get("dimensions") or {}).items():
        found = match.find(selector)
        if not found:
            return None
        dimensions.append({"Name": name, "Value": found})
    return {**_named(transformation), "Value": value, "Dimensions": dimensions}


def _named(transformation: Mapping[str, Any]) -> dict[str, Any]:
    unit = transformation.get("unit") or "None"
    return {"MetricName": transformation["metricName"], "Unit": unit}


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
