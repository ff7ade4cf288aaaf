"""Metrics publisher: a background thread that calls PutMetricData."""

import logging
import queue
import threading
import time
from typing import Any

LOG = logging.getLogger(__name__)

MOST_BATCHES = 100
"""The most batches that are merged into one round of calls."""

GATHERING = 0.1
"""Seconds in which batches are gathered: a request costs as much as many metrics."""

type Target = tuple[str, str, str]
"""An account, a region and a namespace."""


class _Publisher:
    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[Target, list[dict[str, Any]]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, target: Target, data: list[dict[str, Any]]) -> None:
        self._queue.put((target, data))
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="metrics")
                self._thread.start()

    def _run(self) -> None:
        while True:
            target, data = self._queue.get()
            merged = {target: list(data)}
            time.sleep(GATHERING)
            for _ in range(min(MOST_BATCHES, self._queue.qsize())):
                target, data = self._queue.get()
                merged.setdefault(target, []).extend(data)
            for target, data in merged.items():
                _put(target, data)


def _put(target: Target, data: list[dict[str, Any]]) -> None:
    """Call PutMetricData; log errors and drop the data."""
    from localstack.aws.connect import connect_to

    account, region, namespace = target
    client = connect_to(aws_access_key_id=account, region_name=region).cloudwatch
    try:
        client.put_metric_data(Namespace=namespace, MetricData=data)
    except Exception:
        LOG.exception("Metrics of %s can't be published", namespace)


_publisher = _Publisher()


def publish(account: str, region: str, namespace: str, data: list[dict[str, Any]]) -> None:
    """Publish metric data, in PutMetricData's shapes, in the background."""
    _publisher.put((account, region, namespace), data)
