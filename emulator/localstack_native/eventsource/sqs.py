"""Poller of SQS queues that invokes a function with several batches at a time."""

import logging
import threading
from typing import Any

from localstack.services.lambda_.event_source_mapping.pollers import sqs_poller
from localstack.services.sqs.models import SqsQueue

from localstack_native.eventsource.throttling import ThrottleRetryingSender, is_throttling
from localstack_native.eventsource.waiting import find_queue, has_message

LOG = sqs_poller.LOG
POLL_SECONDS = 0.1
"""Seconds between two checks whether a waiting mapping must stop."""


class ConcurrentSqsPoller(sqs_poller.SqsPoller):
    """Handles batches in threads of their own, as many at a time as the mapping allows.

    LocalStack's loop calls ``poll_events`` repeatedly. Each call

    1. waits for a free slot,
    2. waits for a message inside LocalStack: an idle queue costs nothing, and a new message is
       received immediately, with or without a batching window,
    3. receives one batch, never before a slot is free,
    4. starts a thread for the batch, which frees the slot when the function has returned.

    LocalStack handles batches of a FIFO queue one after another.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._received: list[Any] = []
        self._stopping = threading.Event()
        self._name = ""
        self._allow(1)

    def prepare(self, uuid: str, concurrency: int, stopping: threading.Event) -> None:
        """Set the mapping's properties that LocalStack does not pass to its pollers."""
        self._name = f"event-source-mapping-batch-{uuid}"
        if self.maximum_batching_window <= sqs_poller.DEFAULT_MAX_WAIT_TIME_SECONDS:
            # For a window this short, LocalStack only waits for the first message. A longer window
            # it uses to fill the batch.
            self.maximum_batching_window = 0
        self._stopping = stopping
        self._allow(concurrency)
        processor: Any = self.processor
        processor.sender = ThrottleRetryingSender(processor.sender, stopping, self._retry_seconds)

    def _allow(self, concurrency: int) -> None:
        self._concurrency = concurrency
        self._slots = threading.Semaphore(concurrency)

    def _queue(self) -> SqsQueue | None:
        return find_queue(str(self.source_arn))

    def _retry_seconds(self) -> float:
        queue = self._queue()
        return float(queue.visibility_timeout) / 2 if queue else 0.0

    def poll_events(self) -> None:
        """Receive one batch and start handling it; return immediately when stopped."""
        if not self._slots.acquire(timeout=POLL_SECONDS):
            return
        is_handed_over = False
        try:
            if self._has_message():
                super().poll_events()
                is_handed_over = self._hand_over()
        finally:
            if not is_handed_over:
                self._slots.release()

    def _has_message(self) -> bool:
        while not self._stopping.is_set():
            queue = self._queue()
            # LocalStack logs the error of a deleted queue and waits.
            if queue is None or has_message(queue, POLL_SECONDS):
                return not self._stopping.is_set()
        return False

    def handle_messages(self, messages: list[dict[str, Any]]) -> None:
        """Store a received batch for the thread; LocalStack calls this."""
        if self.is_fifo_queue:
            super().handle_messages(messages)  # type: ignore[no-untyped-call]
        else:
            self._received.append(messages)

    def _hand_over(self) -> bool:
        """Start a thread for the received batches; return whether there are any."""
        batches, self._received = self._received, []
        if batches:
            threading.Thread(
                target=self._handle, args=[batches], name=self._name, daemon=True
            ).start()
        return bool(batches)

    def _handle(self, batches: list[list[dict[str, Any]]]) -> None:
        try:
            for messages in batches:
                try:
                    super().handle_messages(messages)  # type: ignore[no-untyped-call]
                except Exception as error:
                    if self._stopping.is_set() and is_throttling(error):
                        self._release(messages)
                    LOG.warning(
                        "Polling or batch processing failed: %s",
                        error,
                        exc_info=LOG.isEnabledFor(logging.DEBUG),
                    )
        finally:
            self._slots.release()

    def _release(self, messages: list[dict[str, Any]]) -> None:
        """Make messages that no function has received visible before their timeout ends."""
        if queue := self._queue():
            for message in messages:
                queue.update_visibility_timeout(message["ReceiptHandle"], 0)

    def close(self) -> None:
        """Wait for running batches; LocalStack calls this when it stops polling."""
        for _ in range(self._concurrency):
            self._slots.acquire()
        super().close()
