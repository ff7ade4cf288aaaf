"""Embedded Metric Format (EMF): metric data in log events.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

MOST_VALUES = 100
MOST_DIMENSIONS = 30


class MalformedError(ValueError):
    """An EMF document violates the specification."""


def metric_data(message: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the namespace and the data of each directive, in PutMetricData's shapes.

    Yields nothing for an event that is not an EMF document. Raises ``MalformedError``.
    """
    if '"_aws"' not in message:
        return
    try:
        document = json.loads(message)
    except ValueError:
        return
    if not isinstance(document, dict) or "CloudWatchMetrics" not in (document.get("_aws") or {}):
        return
    metadata = document["_aws"]
    try:
        when = datetime.fromtimestamp(metadata["Timestamp"] / 1000, UTC)
        for directive in metadata["CloudWatchMetrics"]:
            yield directive["Namespace"], list(_data(document, directive, when))
    except (KeyError, TypeError, AttributeError, OverflowError, OSError) as error:
        raise MalformedError(f"{type(error).__name__}: {error}") from error


def _data(
    document: Mapping[str, Any], directive: Mapping[str, Any], when: datetime
) -> Iterator[dict[str, Any]]:
    for names in directive.get("Dimensions") or [[]]:
        if len(names) > MOST_DIMENSIONS:
            raise MalformedError(f"{len(names)} dimensions")
        dimensions = [{"Name": name, "Value": str(document[name])} for name in names]
        for metric in directive["Metrics"]:
            # A metric without a value in the document is skipped.
            value = document.get(metric["Name"])
            if value is None:
                continue
            datum = {
                "MetricName": metric["Name"],
                "Dimensions": dimensions,
                "Timestamp": when,
                "Unit": metric.get("Unit", "None"),
                "StorageResolution": metric.get("StorageResolution", 60),
            }
            if isinstance(value, list):
                if len(value) > MOST_VALUES:
                    raise MalformedError(f"{len(value)} values")
                yield {**datum, "Values": [_number(each) for each in value]}
            else:
                yield {**datum, "Value": _number(value)}


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedError(f"{value!r} is not a number")
    return float(value)
