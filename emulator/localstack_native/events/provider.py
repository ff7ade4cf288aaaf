"""The EventBridge provider that ``PROVIDER_OVERRIDE_EVENTS=extended`` selects."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from localstack.aws.connect import connect_to
from localstack.services.events.event_bus import EventBusService
from localstack.services.events.models import events_stores
from localstack.services.events.provider import EventsProvider
from localstack.services.events.rule import RuleService
from localstack.services.events.utils import is_archive_arn, to_json_str
from localstack.services.plugins import Service
from localstack.utils.aws.client_types import ServicePrincipal
from localstack.utils.event_matcher import matches_event

from localstack_native.state.inflight_notifications import CountingExecutor

LOG = logging.getLogger(__name__)

EXECUTOR = CountingExecutor(max_workers=8, thread_name_prefix="events")
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
"""Seconds before a delivery is retried, which double at each failure."""
MOST_RETRIES, MOST_SECONDS = 185, 24 * 3600
"""AWS's defaults of a target's retry policy."""
FINAL = ("AccessDenied", "NonExistentQueue", "NotFound")
"""Parts of the codes of errors that are not retried."""


def start_worker(
    original: Any,  # noqa: ARG001
    method: Callable[..., Any],
    params: Any = None,
    name: str | None = None,  # noqa: ARG001
) -> None:
    """Start the delivery of an event, which snapshots wait for."""
    EXECUTOR.submit(method, params)


class ExtendedEvents(EventsProvider):
    """EventBridge whose targets have retry policies and dead-letter queues."""

    def on_after_state_load(self) -> None:
        """Create the services of restored buses and rules, and the senders of their targets."""
        for account, region, store in events_stores.iter_stores():
            for bus in store.event_buses.values():
                self._event_bus_services_store[bus.arn] = EventBusService(bus)
                for rule in bus.rules.values():
                    self._rule_services_store[rule.arn] = RuleService(rule)
                    for target in rule.targets.values():
                        if not is_archive_arn(target["Arn"]):
                            self.create_target_sender(target, rule.arn, rule.name, region, account)

    def _process_rules(
        self, rule: Any, region: str, account_id: str, event_formatted: Any, trace_header: Any
    ) -> None:
        """Deliver an event to the targets of a rule that matches it."""
        if rule.state != "ENABLED" or not matches_event(rule.event_pattern, event_formatted):
            return
        for target in list(rule.targets.values()):
            if is_archive_arn(target["Arn"]):
                self._put_to_archive(region, account_id, target["Id"], event_formatted)
            else:
                EXECUTOR.submit(self._deliver, rule, target, event_formatted, trace_header)

    def _deliver(
        self,
        rule: Any,
        target: Any,
        event: Any,
        trace_header: Any,
        retries: int = 0,
        began: float | None = None,
    ) -> None:
        """Deliver an event to a target; after an error, retry or use the dead-letter queue."""
        sender = self._target_sender_store.get(f"{rule.arn}-{target['Id']}")
        if sender is None:
            return
        began = began or time.monotonic()
        try:
            sender.process_event(event.copy(), trace_header)
        except Exception as error:  # noqa: BLE001 (of any target)
            policy = target.get("RetryPolicy") or {}
            pause = min(FIRST_PAUSE * 2**retries, LONGEST_PAUSE)
            age = time.monotonic() - began + pause
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else "ERROR"
            is_final = any(each in code for each in FINAL)
            is_old = age > policy.get("MaximumEventAgeInSeconds", MOST_SECONDS)
            if is_final or is_old or retries >= policy.get("MaximumRetryAttempts", MOST_RETRIES):
                LOG.warning("An event of %s does not reach %s: %s", rule.arn, target["Arn"], error)
                exhausted = "MaximumEventAgeInSeconds" if is_old else "MaximumRetryAttempts"
                attributes = {
                    "ERROR_CODE": code,
                    "ERROR_MESSAGE": str(error),
                    "RETRY_ATTEMPTS": str(retries),
                    **({} if is_final else {"EXHAUSTED_RETRY_CONDITION": exhausted}),
                }
                _send_to_dead_letter_queue(rule, target, event, attributes)
                return
            LOG.debug("Retrying %s in %s s: %s", target["Arn"], pause, error)
            arguments = (self._deliver, rule, target, event, trace_header, retries + 1, began)
            timer = threading.Timer(pause, EXECUTOR.submit, arguments)
            timer.daemon = True
            timer.start()


def _send_to_dead_letter_queue(
    rule: Any, target: Any, event: Any, attributes: dict[str, str]
) -> None:
    """Send an event to the target's dead-letter queue, whose policy must allow it."""
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not arn:
        return
    *_, region, account, name = arn.split(":")
    client = connect_to(aws_access_key_id=account, region_name=region).sqs
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    values = {**attributes, "RULE_ARN": rule.arn, "TARGET_ARN": target["Arn"]}
    try:
        client.request_metadata(
            service_principal=ServicePrincipal.events, source_arn=rule.arn
        ).send_message(
            QueueUrl=url,
            MessageBody=to_json_str(event),
            MessageAttributes={
                key: {"DataType": "String", "StringValue": value} for key, value in values.items()
            },
        )
    except ClientError as error:
        LOG.warning("The dead-letter queue of %s fails: %s", target["Arn"], error)


def service() -> Service:
    """Return the service."""
    return Service.for_provider(ExtendedEvents())  # type: ignore[no-untyped-call]
