"""Metrics, as lines of the log from which CloudWatch makes them (embedded metric format, EMF).

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

Not Powertools' ``Metrics``: that keeps one document, with one value for each dimension, in a state
that all share; here many threads count, and one invocation speaks of several stages and reasons.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import batched
from typing import Any, Literal

from processor.telemetry.timings import METRIC_STAGES

NAMESPACE = "Darkroom"

MOST_VALUES = 100
"""Values that an array may hold."""

Metric = Literal[
    "ImagesDone",
    "ImagesFailed",
    "ImagesHeld",
    "DuplicatesDropped",
    "Retries",
    "BytesIn",
    "BytesOut",
    "ProcessingTime",
    "StageTime",
    "QueueTime",
    "OldestMessageAge",
]

UNITS: dict[Metric, str] = {
    "ImagesDone": "Count",
    "ImagesFailed": "Count",
    "ImagesHeld": "Count",
    "DuplicatesDropped": "Count",
    "Retries": "Count",
    "BytesIn": "Bytes",
    "BytesOut": "Bytes",
    "ProcessingTime": "Milliseconds",
    "StageTime": "Milliseconds",
    "QueueTime": "Milliseconds",
    "OldestMessageAge": "Seconds",
}

Dimension = tuple[Literal["", "Stage", "Reason"], str]
"""The dimension beside the stack, and its value; empty for the stack alone."""

STACK: Dimension = ("", "")

SETS = {"": [["Stack"]], "Stage": [["Stack", "Stage"]], "Reason": [["Stack"], ["Stack", "Reason"]]}
"""The dimension sets of a document: failures also count for the stack as a whole."""


class MetricsBuffer:
    """What one invocation counts and measures; its threads share it."""

    def __init__(self) -> None:
        self._values: dict[Dimension, dict[Metric, list[float]]] = defaultdict(dict)
        self._lock = threading.Lock()

    def count(self, metric: Metric, number: float = 1, *, by: Dimension = STACK) -> None:
        """Add to a sum."""
        with self._lock:
            values = self._values[by].setdefault(metric, [0])
            values[0] += number

    def measure(self, metric: Metric, value: float, *, by: Dimension = STACK) -> None:
        """Note one of the values of which CloudWatch makes percentiles."""
        with self._lock:
            self._values[by].setdefault(metric, []).append(value)

    def done(self, bytes_in: int, bytes_out: int, milliseconds: int) -> None:
        """Count a picture that has its renditions."""
        self.count("ImagesDone")
        self.measure("BytesIn", bytes_in)
        self.measure("BytesOut", bytes_out)
        self.measure("ProcessingTime", milliseconds)

    def failed(self, code: str) -> None:
        """Count a picture that has none, with the reason in its entry."""
        self.count("ImagesFailed", by=("Reason", code))

    def stages(self, timings: Mapping[str, int]) -> None:
        """Note the times of one attempt's stages."""
        for stage in METRIC_STAGES:
            if stage in timings:
                self.measure("StageTime", timings[stage], by=("Stage", stage))

    def documents(self, stack: str) -> Iterator[dict[str, Any]]:
        """What there is to say, a document for each value of a dimension; it is then forgotten."""
        with self._lock:
            counted, self._values = self._values, defaultdict(dict)
        for (name, value), metrics in counted.items():
            dimensions: dict[str, str] = {"Stack": stack}
            if name:
                dimensions[name] = value
            yield from _documents(SETS[name], dimensions, metrics)


def _documents(
    sets: list[list[str]], dimensions: dict[str, str], metrics: dict[Metric, list[float]]
) -> Iterator[dict[str, Any]]:
    """One document, or more where there are more values than an array may hold."""
    chunks = {
        name: list(batched(each, MOST_VALUES, strict=False)) for name, each in metrics.items()
    }
    for number in range(max(map(len, chunks.values()))):
        values = {name: each[number] for name, each in chunks.items() if number < len(each)}
        yield {
            "_aws": {
                "Timestamp": round(time.time() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": NAMESPACE,
                        "Dimensions": sets,
                        "Metrics": [{"Name": name, "Unit": UNITS[name]} for name in values],
                    }
                ],
            },
            **dimensions,
            **{name: list(each) if len(each) > 1 else each[0] for name, each in values.items()},
        }
