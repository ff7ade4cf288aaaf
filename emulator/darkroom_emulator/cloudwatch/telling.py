"""Metrics handed to CloudWatch from a thread of its own, so that no request waits for it."""

import logging
import queue
import threading
from typing import Any

LOG = logging.getLogger(__name__)

AT_ONCE = 100
"""Notes that are taken together."""

type Place = tuple[str, str, str]
"""An account, a region and a namespace."""


class _Teller:
    def __init__(self) -> None:
        self._noted: queue.SimpleQueue[tuple[Place, list[dict[str, Any]]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, place: Place, data: list[dict[str, Any]]) -> None:
        self._noted.put((place, data))
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="metrics")
                self._thread.start()

    def _run(self) -> None:
        while True:
            place, data = self._noted.get()
            gathered = {place: list(data)}
            for _ in range(min(AT_ONCE, self._noted.qsize())):
                place, data = self._noted.get()
                gathered.setdefault(place, []).extend(data)
            for place, data in gathered.items():
                _hand_over(place, data)


def _hand_over(place: Place, data: list[dict[str, Any]]) -> None:
    """Call PutMetricData; what is refused is lost."""
    from localstack.aws.connect import connect_to

    account, region, namespace = place
    client = connect_to(aws_access_key_id=account, region_name=region).cloudwatch
    try:
        client.put_metric_data(Namespace=namespace, MetricData=data)
    except Exception:
        LOG.exception("Metrics of %s could not be put", namespace)


_teller = _Teller()


def tell(account: str, region: str, namespace: str, data: list[dict[str, Any]]) -> None:
    """Put metric data, in PutMetricData's shapes, soon."""
    _teller.put((account, region, namespace), data)
