"""What REST APIs tell CloudWatch: requests, errors, and how long they took.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
"""

import logging
import queue
import threading
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from localstack.runtime import hooks

LOG = logging.getLogger(__name__)

NAMESPACE = "AWS/ApiGateway"
AT_ONCE = 100
"""Requests that one call tells of; each has four metrics with two sets of dimensions."""

type Owner = tuple[str, str]
"""An account and a region."""


@hooks.on_infra_start()
def count_requests() -> None:
    """Let the gateway of REST APIs say what it did."""
    from localstack.services.apigateway.next_gen.execute_api import gateway

    served: Any = gateway.RestApiGateway
    process = served.process_with_context
    teller = Teller()

    def process_and_tell(self: Any, context: Any, response: Any) -> None:
        started = time.monotonic()
        process(self, context, response)
        teller.note(context, response.status_code, (time.monotonic() - started) * 1000)

    served.process_with_context = process_and_tell


class Teller:
    """Tells CloudWatch from a thread of its own, so that no request waits for it."""

    def __init__(self) -> None:
        self._noted: queue.SimpleQueue[tuple[Owner, list[dict[str, Any]]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def note(self, context: Any, status: int, milliseconds: float) -> None:
        """Take down one request; those to APIs that do not exist belong to nobody."""
        if context.deployment is None:
            return
        name = context.deployment.rest_api.rest_api["name"]
        owner = (context.account_id, context.region)
        self._noted.put((owner, metrics(name, context.stage, status, milliseconds)))
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._tell, daemon=True, name="api-metrics")
                self._thread.start()

    def _tell(self) -> None:
        while True:
            owner, data = self._noted.get()
            by_owner = {owner: data}
            for _ in range(min(AT_ONCE, self._noted.qsize())):
                owner, data = self._noted.get()
                by_owner.setdefault(owner, []).extend(data)
            for (account, region), data in by_owner.items():
                put(account, region, data)


def metrics(api: str, stage: str, status: int, milliseconds: float) -> list[dict[str, Any]]:
    """Return what CloudWatch is told of one request."""
    values = {
        "Count": (1.0, "Count"),
        "4XXError": (float(HTTPStatus.BAD_REQUEST <= status < 500), "Count"),
        "5XXError": (float(status >= HTTPStatus.INTERNAL_SERVER_ERROR), "Count"),
        "Latency": (milliseconds, "Milliseconds"),
    }
    whole = [{"Name": "ApiName", "Value": api}]
    now = datetime.now(UTC)
    return [
        {
            "MetricName": name,
            "Dimensions": dimensions,
            "Timestamp": now,
            "Value": value,
            "Unit": unit,
        }
        for name, (value, unit) in values.items()
        for dimensions in (whole, [*whole, {"Name": "Stage", "Value": stage}])
    ]


def put(account: str, region: str, data: list[dict[str, Any]]) -> None:
    """Hand metrics over; those that are lost are lost."""
    from localstack.aws.connect import connect_to

    client = connect_to(aws_access_key_id=account, region_name=region).cloudwatch
    try:
        client.put_metric_data(Namespace=NAMESPACE, MetricData=data)
    except Exception:
        LOG.exception("The metrics of an API could not be put")
