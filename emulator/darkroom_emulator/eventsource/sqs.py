"""The poller between an SQS queue and a function."""

import logging
import threading
from typing import Any

from localstack.services.lambda_.event_source_mapping.pollers import sqs_poller
from localstack.services.sqs.models import SqsQueue

from darkroom_emulator.eventsource.throttling import PatientSender, is_throttling
from darkroom_emulator.eventsource.waiting import find_queue, has_message

LOG = sqs_poller.LOG
GLANCE_SECONDS = 0.1
"""How long a mapping that waits goes without looking whether it is to stop."""


class ConcurrentSqsPoller(sqs_poller.SqsPoller):
    """Handles batches in threads of their own, as many at a time as the mapping allows.

    LocalStack's loop calls ``poll_events`` again and again. Each call

    1. waits for a free slot,
    2. waits until there is a message: inside LocalStack, so that an idle queue costs nothing and a
       new message is seen at once, with a batching window and without,
    3. receives one batch, which is thereby never received ahead of a free slot,
    4. leaves the batch to a thread, which frees the slot when the function has answered.

    Batches of a FIFO queue are handled one after another, in LocalStack's own way.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._received: list[Any] = []
        self._stopping = threading.Event()
        self._name = ""
        self._allow(1)

    def prepare(self, uuid: str, concurrency: int, stopping: threading.Event) -> None:
        """Learn about the mapping what LocalStack does not tell its pollers."""
        self._name = f"event-source-mapping-batch-{uuid}"
        if self.maximum_batching_window <= sqs_poller.DEFAULT_MAX_WAIT_TIME_SECONDS:
            # LocalStack waits in SQS for the first message, and takes what there is then. A longer
            # window it really uses to fill the batch.
            self.maximum_batching_window = 0
        self._stopping = stopping
        self._allow(concurrency)
        processor: Any = self.processor
        processor.sender = PatientSender(processor.sender, stopping, self._patience)

    def _allow(self, concurrency: int) -> None:
        self._concurrency = concurrency
        self._slots = threading.Semaphore(concurrency)

    def _queue(self) -> SqsQueue | None:
        return find_queue(str(self.source_arn))

    def _patience(self) -> float:
        queue = self._queue()
        return float(queue.visibility_timeout) / 2 if queue else 0.0

    def poll_events(self) -> None:
        """Receive one batch and see to it that it is handled; return at once when stopped."""
        if not self._slots.acquire(timeout=GLANCE_SECONDS):
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
            # A queue that is gone: let LocalStack find out, complain and wait.
            if queue is None or has_message(queue, GLANCE_SECONDS):
                return not self._stopping.is_set()
        return False

    def handle_messages(self, messages: list[dict[str, Any]]) -> None:
        """Keep a batch for the thread; LocalStack calls this for what it has received."""
        if self.is_fifo_queue:
            super().handle_messages(messages)  # type: ignore[no-untyped-call]
        else:
            self._received.append(messages)

    def _hand_over(self) -> bool:
        """Start a thread for what was received; say whether there was anything."""
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
                        self._give_back(messages)
                    LOG.warning(
                        "Polling or batch processing failed: %s",
                        error,
                        exc_info=LOG.isEnabledFor(logging.DEBUG),
                    )
        finally:
            self._slots.release()

    def _give_back(self, messages: list[dict[str, Any]]) -> None:
        """Let others have messages that no function has seen, before their timeout is over."""
        if queue := self._queue():
            for message in messages:
                queue.update_visibility_timeout(message["ReceiptHandle"], 0)

    def close(self) -> None:
        """Wait for what is being handled; LocalStack calls this when it polls no more."""
        for _ in range(self._concurrency):
            self._slots.acquire()
        super().close()
