"""CloudWatch metrics of REST APIs: requests, errors and latency.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
"""

import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from localstack_native.cloudwatch import metrics_publisher

NAMESPACE = "AWS/ApiGateway"


def process_request(process: Any, self: Any, context: Any, response: Any) -> None:
    """Process a request, and publish its metrics."""
    started = time.monotonic()
    process(self, context, response)
    milliseconds = (time.monotonic() - started) * 1000
    if context.deployment is not None:  # None if the API does not exist
        name = context.deployment.rest_api.rest_api["name"]
        data = metrics(name, context.stage, response.status_code, milliseconds)
        metrics_publisher.publish(context.account_id, context.region, NAMESPACE, data)


def metrics(api: str, stage: str, status: int, milliseconds: float) -> list[dict[str, Any]]:
    """Return the metric data of one request."""
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
