"""Metrics in the embedded metric format (EMF): log lines from which CloudWatch extracts them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

Not Powertools' ``Metrics``: it keeps one document with one value for each dimension in shared
state; here threads count in parallel, and one invocation has several stages and reasons.
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
"""Maximum length of an array of values."""

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
    "VariantsRendered",
    "VariantsRefused",
    "VariantTime",
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
    "VariantsRendered": "Count",
    "VariantsRefused": "Count",
    "VariantTime": "Milliseconds",
}

Dimension = tuple[Literal["", "Stage", "Reason"], str]
"""The dimension beside the stack, and its value; empty for the stack alone."""

STACK: Dimension = ("", "")

SETS = {"": [["Stack"]], "Stage": [["Stack", "Stage"]], "Reason": [["Stack"], ["Stack", "Reason"]]}
"""Dimension sets of a document: failures also count for the stack as a whole."""


class MetricsBuffer:
    """Buffer of one invocation's metrics, shared by its threads."""

    def __init__(self) -> None:
        self._values: dict[Dimension, dict[Metric, list[float]]] = defaultdict(dict)
        self._lock = threading.Lock()

    def count(self, metric: Metric, number: float = 1, *, by: Dimension = STACK) -> None:
        """Add to a counter."""
        with self._lock:
            values = self._values[by].setdefault(metric, [0])
            values[0] += number

    def measure(self, metric: Metric, value: float, *, by: Dimension = STACK) -> None:
        """Add a value to a distribution, from which CloudWatch computes percentiles."""
        with self._lock:
            self._values[by].setdefault(metric, []).append(value)

    def done(self, bytes_in: int, bytes_out: int, milliseconds: int) -> None:
        """Count an image that was rendered; sizes in bytes."""
        self.count("ImagesDone")
        self.measure("BytesIn", bytes_in)
        self.measure("BytesOut", bytes_out)
        self.measure("ProcessingTime", milliseconds)

    def failed(self, code: str) -> None:
        """Count an image that failed, by the code in its entry."""
        self.count("ImagesFailed", by=("Reason", code))

    def stages(self, timings: Mapping[str, int]) -> None:
        """Add the milliseconds of one attempt's stages."""
        for stage in METRIC_STAGES:
            if stage in timings:
                self.measure("StageTime", timings[stage], by=("Stage", stage))

    def documents(self, stack: str) -> Iterator[dict[str, Any]]:
        """Yield the EMF documents, one for each value of a dimension, and clear the buffer."""
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
    """Yield one document, or more if there are more values than an array may have."""
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
