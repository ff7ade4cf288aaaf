"""Carries messages from a queue to a function, as Lambda's own poller does.

The tests that need to know which messages are together, and that others are delivered while one is
held, use this instead of an event source mapping: how many batches of one are at work at a time
is the cloud's affair.
"""

import json
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef


@dataclass
class Courier:
    """Takes one message at a time to the function, by several threads, while it is entered."""

    queue: str
    function: str
    threads: int
    _stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        config = Config(max_pool_connections=self.threads, retries={"total_max_attempts": 1})
        self._sqs: SQSClient = boto3.client("sqs", config=config)
        self._lambda: LambdaClient = boto3.client("lambda", config=config)
        self._free = threading.Semaphore(self.threads)

    def __enter__(self) -> Self:
        self._pool = ThreadPoolExecutor(self.threads + 1, thread_name_prefix="courier")
        self._receiver = self._pool.submit(self._receive)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        deliveries = self._receiver.result()
        self._pool.shutdown()
        for each in deliveries:
            each.result()

    def _receive(self) -> list[Future[None]]:
        """Receive while a thread is free; one receiver asks less often than several."""
        deliveries = []
        while not self._stopping.is_set():
            self._free.acquire()
            answer = self._sqs.receive_message(
                QueueUrl=self.queue, WaitTimeSeconds=1, MessageSystemAttributeNames=["All"]
            )
            for message in answer.get("Messages", []):
                delivery = self._pool.submit(self._deliver, message)
                delivery.add_done_callback(lambda _: self._free.release())
                deliveries.append(delivery)
            if "Messages" not in answer:
                self._free.release()
        return deliveries

    def _deliver(self, message: "MessageTypeDef") -> None:
        """Invoke the function; what it has done with is deleted, the rest comes again by itself."""
        event = {"Records": [record(message)]}
        answer = self._lambda.invoke(FunctionName=self.function, Payload=json.dumps(event))
        payload = json.loads(answer["Payload"].read())
        if "FunctionError" not in answer and not payload["batchItemFailures"]:
            self._sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])


def record(message: "MessageTypeDef") -> dict[str, Any]:
    """A message as it is in the function's event."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
    }
