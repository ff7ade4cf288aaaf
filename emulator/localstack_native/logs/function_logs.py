"""Writer of functions' log events: creates streams, and groups only where they are missing.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
"""

import logging
import time
from contextlib import suppress
from typing import Any

LOG = logging.getLogger(__name__)

DELAY_SECONDS = 0.02
"""Seconds before events are written: writing them competes with the response to the invocation."""


def run_log_loop(_loop: Any, self: Any, *_arguments: Any, **_named: Any) -> None:
    """Write the log events in a queue to CloudWatch Logs, until LocalStack ends the loop."""
    from localstack.aws.connect import connect_to
    from localstack.services.lambda_.invocation.logs import QUEUE_SHUTDOWN
    from localstack.utils.aws.client_types import ServicePrincipal

    role: Any = {"role_arn": self.role_arn, "service_principal": ServicePrincipal.lambda_}
    client: Any = connect_to.with_assumed_role(region_name=self.region, **role).logs
    while not self._shutdown_event.is_set():
        item = self.log_queue.get()
        if item is QUEUE_SHUTDOWN:
            return
        now = int(time.time() * 1000)
        time.sleep(DELAY_SECONDS)
        try:
            write(client, item.log_group, item.log_stream, item.logs, now)
        except Exception as error:  # noqa: BLE001 (the loop must not end)
            LOG.warning("Logs can't be written to %s: %s", item.log_group, error)


def write(client: Any, group: str, stream: str, text: str, now: int) -> None:
    """Write lines as events; create their stream if it is missing, and its group if need be.

    ``now`` is their time, in milliseconds since 1970.
    """
    lines = [f"{line}\n" for line in text.split("\n") if line]
    place = {"logGroupName": group, "logStreamName": stream}
    events = [{"timestamp": now, "message": line} for line in lines]
    missing = client.exceptions.ResourceNotFoundException
    try:
        client.put_log_events(**place, logEvents=events)
    except missing:
        try:
            client.create_log_stream(**place)
        except missing:
            with suppress(client.exceptions.ResourceAlreadyExistsException):
                client.create_log_group(logGroupName=group)
            client.create_log_stream(**place)
        client.put_log_events(**place, logEvents=events)
