"""CloudWatch metrics of functions: durations and throttles.

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


def _publish(function: Any, metric: str, value: float, unit: str) -> None:
    datum = {
        "MetricName": metric,
        "Dimensions": [{"Name": "FunctionName", "Value": function.function_name}],
        "Value": value,
        "Unit": unit,
    }
    metrics_publisher.publish(function.account, function.region, "AWS/Lambda", [datum])
