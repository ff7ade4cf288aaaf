"""CloudWatch metrics of functions.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
"""

import re
from typing import Any

from localstack.aws.api.lambda_ import TooManyRequestsException

from localstack_native.cloudwatch import metrics_publisher

DURATION = re.compile(r"^REPORT .*?\tDuration: ([0-9.]+) ms", re.MULTILINE)


def invoke(invoke: Any, self: Any, *, invocation: Any) -> Any:
    """Invoke a function, and publish its metrics."""
    try:
        result = invoke(self, invocation=invocation)
    except TooManyRequestsException:
        _publish(self.function_version.id, "Throttles", 1, "Count")
        raise
    if found := DURATION.search(result.logs or ""):
        _publish(self.function_version.id, "Duration", float(found[1]), "Milliseconds")
    return result


def publish(
    _publish: Any, metric: str, value: float, kwargs: dict[str, str], account_id: str,
    region_name: str,
) -> None:  # fmt: skip
    """Publish a metric that LocalStack measures, of the function ``func_name``."""
    _put(account_id, region_name, kwargs["func_name"], metric, value, "Count")


def _publish(function: Any, metric: str, value: float, unit: str) -> None:
    _put(function.account, function.region, function.function_name, metric, value, unit)


def _put(account: str, region: str, name: str, metric: str, value: float, unit: str) -> None:
    datum = {
        "MetricName": metric,
        "Dimensions": [{"Name": "FunctionName", "Value": name}],
        "Value": value,
        "Unit": unit,
    }
    metrics_publisher.publish(account, region, "AWS/Lambda", [datum])
