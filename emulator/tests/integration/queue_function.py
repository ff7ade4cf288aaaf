"""A function with an SQS event source, and a record of its invocations."""

import itertools
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from .functions import Functions
from .localstack import LocalStack
from .waiting import wait_for

CODE = """
import json, os, time
from urllib.request import urlopen

def handler(event, context):
    bodies = [record["body"] for record in event["Records"]]

    def report(event):
        record = {"event": event, "bodies": bodies, "time": time.time()}
        urlopen(os.environ["RECORDER"], json.dumps(record).encode()).read()

    report("started")
    report("finished")
    if "error" in bodies:
        raise ValueError("requested by the test")
    bad = [record["messageId"] for record in event["Records"] if record["body"] == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in bad]}
"""

_numbers = itertools.count()


class InvocationRecorder(ThreadingHTTPServer):
    """Records the start and the end of invocations, and can pause them in between."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), RecordHandler)
        self.records: list[dict[str, Any]] = []
        self.may_continue = threading.Event()
        self.may_continue.set()
        threading.Thread(target=self.serve_forever, args=[0.02]).start()

    @property
    def url(self) -> str:
        """The URL that functions report to."""
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.may_continue.set()
        self.shutdown()
        self.server_close()


class RecordHandler(BaseHTTPRequestHandler):
    """Handler of one report."""

    server: InvocationRecorder

    def do_POST(self) -> None:
        """Add a record, and respond when invocations may continue."""
        record = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.records.append(record)
        self.server.may_continue.wait()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Suppress the log of requests."""


class QueueFunction:
    """A function, its queue and the mapping between them."""

    def __init__(self, emulator: LocalStack, recorder: InvocationRecorder, **queue: str) -> None:
        self._recorder = recorder
        self.sqs, self.lambda_ = emulator.client("sqs"), emulator.client("lambda")
        variables = {"RECORDER": recorder.url}
        attributes = {"VisibilityTimeout": "60"} | queue
        self.function = Functions(emulator, f"queue-function-{next(_numbers)}-").make(
            CODE,
            Environment={"Variables": variables},
            Timeout=min(30, int(attributes["VisibilityTimeout"])),
        )
        suffix = ".fifo" if "FifoQueue" in queue else ""
        self.queue = self.sqs.create_queue(
            QueueName=f"{self.function.name}{suffix}", Attributes=attributes
        )["QueueUrl"]
        self.queue_arn = self._attribute("QueueArn")
        self.uuid = ""

    def connect(self, concurrency: int | None = None, **options: Any) -> dict[str, Any]:
        """Create the mapping, by default for single messages; return AWS's response."""
        if concurrency:
            options["ScalingConfig"] = {"MaximumConcurrency": concurrency}
        response: dict[str, Any] = self.lambda_.create_event_source_mapping(
            EventSourceArn=self.queue_arn,
            FunctionName=self.function.name,
            **{"BatchSize": 1} | options,
        )
        self.uuid = response["UUID"]
        wait_for(lambda: self.state() in {"Enabled", "Disabled"})
        return response

    def update(self, **options: Any) -> dict[str, Any]:
        """Update the mapping; return AWS's response."""
        response: dict[str, Any] = self.lambda_.update_event_source_mapping(
            UUID=self.uuid, **options
        )
        return response

    def get(self) -> dict[str, Any]:
        """Return the mapping."""
        response: dict[str, Any] = self.lambda_.get_event_source_mapping(UUID=self.uuid)
        return response

    def listed(self) -> list[dict[str, Any]]:
        """Return the function's mappings as ListEventSourceMappings returns them."""
        response = self.lambda_.list_event_source_mappings(FunctionName=self.function.name)
        return list(response["EventSourceMappings"])

    def state(self) -> str:
        """Return the mapping's state, which is the same in get and list."""
        (listed,) = self.listed()
        state = str(listed["State"])
        assert self.get()["State"] == state or self.listed()[0]["State"] != state
        return state

    def delete(self) -> None:
        """Delete the mapping."""
        self.lambda_.delete_event_source_mapping(UUID=self.uuid)

    def send(self, *bodies: str, **options: str) -> None:
        """Send messages."""
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.queue, MessageBody=body, **options)

    def pause(self) -> None:
        """Let invocations wait after their start."""
        self._recorder.may_continue.clear()

    def resume(self) -> None:
        """Let invocations continue."""
        self._recorder.may_continue.set()

    def started(self) -> list[dict[str, Any]]:
        """Return the records of started invocations, in order."""
        return [record for record in list(self._recorder.records) if record["event"] == "started"]

    def finished(self) -> list[dict[str, Any]]:
        """Return the records of finished invocations, in order."""
        return [record for record in list(self._recorder.records) if record["event"] == "finished"]

    def waiting(self) -> int:
        """Return the number of messages that wait to be received."""
        return int(self._attribute("ApproximateNumberOfMessages"))

    def in_flight(self) -> int:
        """Return the number of messages that were received and not deleted."""
        return int(self._attribute("ApproximateNumberOfMessagesNotVisible"))

    def is_empty(self) -> bool:
        """Return whether nothing is left in the queue."""
        return self.waiting() == self.in_flight() == 0

    def _attribute(self, name: str) -> str:
        response = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=[name])
        return str(response["Attributes"][name])
