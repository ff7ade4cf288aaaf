"""Metrics in log events that are EMF documents."""

import logging
from typing import Any

from localstack_native.cloudwatch import metrics_publisher
from localstack_native.cloudwatch.emf import MalformedError, metric_data

LOG = logging.getLogger(__name__)


def put_log_events(
    put: Any, self: Any, context: Any, log_group_name: Any, log_stream_name: Any, log_events: Any,
    **others: Any,
) -> Any:  # fmt: skip
    """Put log events, and publish their metrics."""
    response = put(self, context, log_group_name, log_stream_name, log_events, **others)
    for event in log_events:
        try:
            for namespace, data in metric_data(event["message"]):
                metrics_publisher.publish(context.account_id, context.region, namespace, data)
        except MalformedError as error:
            LOG.debug("Ignoring a malformed EMF document in %s: %s", log_group_name, error)
    return response
