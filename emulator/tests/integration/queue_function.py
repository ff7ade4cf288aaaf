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

    def tell(what):
        message = {"what": what, "bodies": bodies, "time": time.time()}
        urlopen(os.environ["LISTENER"], json.dumps(message).encode()).read()

    tell("began")
    tell("ended")
    if "error" in bodies:
        raise ValueError("asked for")
    bad = [record["messageId"] for record in event["Records"] if record["body"] == "bad"]
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in bad]}
"""

_numbers = itertools.count()


class Listener(ThreadingHTTPServer):
    """Records when invocations start and end, and can hold them in between."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Hearing)
        self.heard: list[dict[str, Any]] = []
        self.go_on = threading.Event()
        self.go_on.set()
        threading.Thread(target=self.serve_forever, args=[0.02]).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.go_on.set()
        self.shutdown()
        self.server_close()


class Hearing(BaseHTTPRequestHandler):
    """One message to the listener."""

    server: Listener

    def do_POST(self) -> None:
        """Record the message, and respond when invocations may continue."""
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.heard.append(said)
        self.server.go_on.wait()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


class QueueFunction:
    """A function, its queue and the mapping between them."""

    def __init__(self, emulator: LocalStack, listener: Listener, **queue: str) -> None:
        self._listener = listener
        self.sqs, self.lambda_ = emulator.client("sqs"), emulator.client("lambda")
        variables = {"LISTENER": listener.url}
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
        """Return the mappings of the function, as the list shows them."""
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

    def hold(self) -> None:
        """Have invocations wait."""
        self._listener.go_on.clear()

    def release(self) -> None:
        """Have them go on."""
        self._listener.go_on.set()

    def began(self) -> list[dict[str, Any]]:
        """Return the messages of started invocations, in order."""
        return [said for said in list(self._listener.heard) if said["what"] == "began"]

    def ended(self) -> list[dict[str, Any]]:
        """Return the messages of ended invocations, in order."""
        return [said for said in list(self._listener.heard) if said["what"] == "ended"]

    def waiting(self) -> int:
        """Return how many messages wait to be received."""
        return int(self._attribute("ApproximateNumberOfMessages"))

    def in_flight(self) -> int:
        """Return how many messages were received and not deleted."""
        return int(self._attribute("ApproximateNumberOfMessagesNotVisible"))

    def is_empty(self) -> bool:
        """Say whether nothing is left in the queue."""
        return self.waiting() == self.in_flight() == 0

    def _attribute(self, name: str) -> str:
        response = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=[name])
        return str(response["Attributes"][name])
