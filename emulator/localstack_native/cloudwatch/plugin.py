"""LocalStack hooks that publish metrics of EMF log events and of functions."""

import logging
import re
from typing import Any

from localstack.runtime import hooks

from localstack_native.cloudwatch import metrics_publisher
from localstack_native.cloudwatch.emf import MalformedError, metric_data

LOG = logging.getLogger(__name__)

DURATION = re.compile(r"^REPORT .*?\tDuration: ([0-9.]+) ms", re.MULTILINE)


@hooks.on_infra_start()
def read_embedded_metrics() -> None:
    """Publish the metrics in log events that are EMF documents."""
    from localstack.services.logs.provider import LogsProvider

    provider: Any = LogsProvider
    put_log_events = provider.put_log_events

    def put_and_read(
        self: Any, context: Any, log_group_name: Any, log_stream_name: Any, log_events: Any,
        **others: Any,
    ) -> Any:  # fmt: skip
        response = put_log_events(
            self, context, log_group_name, log_stream_name, log_events, **others
        )
        for event in log_events:
            try:
                for namespace, data in metric_data(event["message"]):
                    metrics_publisher.publish(context.account_id, context.region, namespace, data)
            except MalformedError as error:
                LOG.debug("Ignoring a malformed EMF document in %s: %s", log_group_name, error)
        return response

    provider.put_log_events = _like(put_log_events, put_and_read)


@hooks.on_infra_start()
def measure_functions() -> None:
    """Publish the durations and throttles of functions."""
    from localstack.aws.api.lambda_ import TooManyRequestsException
    from localstack.services.lambda_.invocation import version_manager

    manager: Any = version_manager.LambdaVersionManager
    invoke = manager.invoke

    def invoke_and_measure(self: Any, *, invocation: Any) -> Any:
        try:
            result = invoke(self, invocation=invocation)
        except TooManyRequestsException:
            _publish_function_metric(self.function_version.id, "Throttles", 1, "Count")
            raise
        if found := DURATION.search(result.logs or ""):
            value = float(found[1])
            _publish_function_metric(self.function_version.id, "Duration", value, "Milliseconds")
        return result

    manager.invoke = invoke_and_measure


def _publish_function_metric(function: Any, metric: str, value: float, unit: str) -> None:
    datum = {
        "MetricName": metric,
        "Dimensions": [{"Name": "FunctionName", "Value": function.function_name}],
        "Value": value,
        "Unit": unit,
    }
    metrics_publisher.publish(function.account, function.region, "AWS/Lambda", [datum])


def _like(original: Any, replacement: Any) -> Any:
    """Return the replacement with the attributes that LocalStack's dispatcher needs."""
    replacement.__dict__.update(original.__dict__)
    return replacement
