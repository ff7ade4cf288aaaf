"""Poller of DynamoDB streams: batches in order, from a checkpoint that is part of the state."""

import json
import logging
import math
import threading
import time
from collections.abc import Mapping
from typing import Any

from localstack.services.lambda_.event_source_mapping.event_processor import (
    BatchFailureError,
    PartialBatchFailureError,
)
from localstack.services.lambda_.event_source_mapping.pipe_utils import (
    get_current_time,
    get_internal_client,
)
from localstack.services.lambda_.event_source_mapping.pollers import dynamodb_poller
from localstack.services.lambda_.event_source_mapping.pollers.poller import get_batch_item_failures
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import get_queue_url
from localstack.services.lambda_.provider_utils import get_function_version_from_arn
from localstack.utils.aws.client_types import ServicePrincipal

from localstack_native.dynamodb.streams import Shard, find
from localstack_native.eventsource.throttling import ThrottleRetryingSender

LOG = logging.getLogger(__name__)
WAIT_SECONDS = 0.5
"""Seconds between two checks whether a waiting mapping must stop."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
"""Seconds before a batch is retried, which double at each failure."""


class OrderedStreamPoller(dynamodb_poller.DynamoDBPoller):
    """Invokes a function with one batch at a time, and the next after the outcome of the last.

    Each call of ``poll_events`` waits for a record inside LocalStack, reads a batch with the
    permissions of the function's role, and invokes the function until the batch has succeeded or
    is discarded. Then it moves the mapping's checkpoint, which a snapshot contains.
    """

    def prepare(self, mapping: Mapping[str, Any], stopping: threading.Event) -> None:
        """Set the mapping's properties that LocalStack does not pass to its pollers."""
        self._uuid = str(mapping["UUID"])
        self._bisects = bool(mapping.get("BisectBatchOnFunctionError"))
        self._function = str(mapping["FunctionArn"])
        self._stopping = stopping
        self._shard_id = ""
        processor: Any = self.processor
        processor.sender = ThrottleRetryingSender(processor.sender, stopping, lambda: math.inf)
        if shard := find(str(self.source_arn)):
            is_latest = self.stream_parameters["StartingPosition"] == "LATEST"
            shard.checkpoints.setdefault(self._uuid, shard.next if is_latest else shard.first)

    def poll_events(self) -> None:
        """Handle one batch; return after a while without records, and when stopped."""
        shard = find(str(self.source_arn))
        if shard is None:
            # Raises the error of a stream that does not exist any more.
            self.source_client.describe_stream(StreamArn=self.source_arn)
            return
        start = max(shard.checkpoints.get(self._uuid, shard.first), shard.first)
        if not shard.wait(start, 1, WAIT_SECONDS):
            return
        self._gather(shard, start)
        if not self._stopping.is_set():
            self._deliver(shard, self._receive(shard, start))

    def get_approximate_arrival_time(self, record: dict[str, Any]) -> float:
        """Return the time of a record, in seconds since 1970."""
        return float(record["dynamodb"]["ApproximateCreationDateTime"])

    def forget(self) -> None:
        """Remove the checkpoint of a deleted mapping."""
        if shard := find(str(self.source_arn)):
            shard.checkpoints.pop(self._uuid, None)

    def _gather(self, shard: Shard, start: int) -> None:
        """Wait until the batch is full, or its window is over."""
        window = float(self.stream_parameters.get("MaximumBatchingWindowInSeconds") or 0)
        deadline = time.monotonic() + window
        size = self.stream_parameters["BatchSize"]
        while (left := deadline - time.monotonic()) > 0 and not self._stopping.is_set():
            if shard.wait(start, size, min(left, WAIT_SECONDS)):
                return

    def _receive(self, shard: Shard, start: int) -> list[dict[str, Any]]:
        client: Any = self.source_client
        if not self._shard_id:
            described = client.describe_stream(StreamArn=self.source_arn)["StreamDescription"]
            self._shard_id = described["Shards"][0]["ShardId"]
        iterator = client.get_shard_iterator(
            StreamArn=self.source_arn,
            ShardId=shard.id,
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=str(start),
        )["ShardIterator"]
        records: list[dict[str, Any]] = client.get_records(
            ShardIterator=iterator, Limit=self.stream_parameters["BatchSize"]
        )["Records"]
        return records

    def _deliver(self, shard: Shard, records: list[dict[str, Any]]) -> None:
        """Invoke the function with the records that match the mapping's filter."""
        if not records:
            return
        end = int(records[-1]["dynamodb"]["SequenceNumber"]) + 1
        identities = {each["eventID"]: each.get("userIdentity") for each in records}
        events = self.filter_events(self.transform_into_events(records, self._shard_id))
        for event in self.add_source_metadata(events):
            if identity := identities[event["eventID"]]:
                event["userIdentity"] = {
                    "type": identity["Type"],
                    "principalId": identity["PrincipalId"],
                }
        if self._handle(shard, events):
            shard.checkpoints[self._uuid] = end

    def _handle(self, shard: Shard, events: list[dict[str, Any]]) -> bool:
        """Invoke the function until the batch has succeeded or is discarded.

        Returns false if the mapping was stopped before.
        """
        attempts, pause = 0, FIRST_PAUSE
        error: dict[str, Any] = {}
        while events and not self._stopping.is_set():
            if self.max_retries_exceeded(attempts):
                self._discard(events, "RetryAttemptsExhausted", error, attempts)
                return True
            if expired := self._expired(events):
                self._discard(expired, "RecordAgeExceeded", {}, attempts)
                events = events[len(expired) :]
                continue
            left, error = self._attempt(events)
            attempts += 1
            if left and self._bisects and left == events and len(events) > 1:
                middle = (len(events) + 1) // 2
                if not self._handle(shard, events[:middle]):
                    return False
                left = events[middle:]
            elif left:
                self._stopping.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            if left and left != events:
                shard.checkpoints[self._uuid] = int(self.get_sequence_number(left[0]))
                attempts, pause = 0, FIRST_PAUSE
            events = left
        return not events

    def _attempt(self, events: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Invoke the function once; return the events from the first failure on, and the error."""
        try:
            self.processor.process_events_batch(events)
        except PartialBatchFailureError as failure:
            numbers = {self.get_sequence_number(each) for each in events}
            payload: Any = failure.partial_failure_payload
            failed = get_batch_item_failures(payload, numbers)
            if failed:
                events = self.bisect_events(min(failed, key=int), events)[1]
            return events, failure.error
        except BatchFailureError as failure:
            return events, failure.error
        except Exception as problem:  # noqa: BLE001 (of the function: LocalStack has logged it)
            LOG.debug("%s can't be invoked: %s", self._function, problem)
            return events, {}
        return [], {}

    def _expired(self, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        age = self.stream_parameters.get("MaximumRecordAgeInSeconds", -1)
        if age <= 0:
            return []
        oldest = time.time() - age
        times = [each["dynamodb"]["ApproximateCreationDateTime"] for each in events]
        return [event for event, at in zip(events, times, strict=True) if at < oldest]

    def _discard(self, events: list[dict[str, Any]], why: str, error: Any, attempts: int) -> None:
        """Send where the records are to the mapping's destination, with the role's permissions."""
        arn = (self.stream_parameters.get("DeadLetterConfig") or {}).get("Arn")
        LOG.warning("%s records for %s are discarded: %s", len(events), self._function, why)
        if not arn:
            return
        # LocalStack's context is empty without an error.
        processor: Any = self.processor
        context = processor.generate_event_failure_context(
            abort_condition=why, error=error or {"requestId": None}, attempts_count=attempts
        )
        message = json.dumps(
            self.create_dlq_event(self._shard_id, events, context, get_current_time())
        )
        client = get_internal_client(
            arn,
            role_arn=get_function_version_from_arn(self._function).config.role,
            service_principal=ServicePrincipal.lambda_,
            source_arn=self._function,
        )
        try:
            match arn.split(":")[2]:
                case "sqs":
                    client.send_message(QueueUrl=get_queue_url(arn), MessageBody=message)
                case "sns":
                    client.publish(TopicArn=arn, Message=message)
                case service:
                    LOG.warning("Destinations of %s are not supported: %s", service, arn)
        except client.exceptions.ClientError as problem:
            LOG.warning("The destination of discarded records fails: %s", problem)
