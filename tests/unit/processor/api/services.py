"""In-memory clock, logger, S3, SQS and Step Functions, with the operations that the API calls."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config

from tests.unit.processor.clouds import error
from tests.unit.processor.versioned import VersionedBucket

PRESIGNER = boto3.client(
    "s3",
    region_name="eu-central-1",
    aws_access_key_id="x",
    aws_secret_access_key="x",
    config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
)
"""A real client: presigning sends no request."""


class FakeClock:
    """A clock that advances only by sleeping."""

    def __init__(self) -> None:
        self.now = 1_777_636_805.0
        """Five seconds after 2026-05-01T12:00:00Z."""
        self._due: float | None = None
        self._action: Callable[[], None] = lambda: None

    def schedule(self, seconds: float, action: Callable[[], None]) -> None:
        """Run ``action`` once so many seconds have passed."""
        self._due, self._action = self.now + seconds, action

    def time(self) -> float:
        """Return the seconds since 1970."""
        return self.now

    def monotonic(self) -> float:
        """Return the same."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.now += seconds
        if self._due is not None and self.now >= self._due:
            self._due = None
            self._action()


class FakeLogger:
    """A logger that keeps level, message and fields of each line."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def __getattr__(self, level: str) -> Callable[..., None]:
        return lambda message, **fields: self.lines.append((level, message, fields))


class Originals:
    """S3: objects in the raw bucket, and an empty processed bucket."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.versions = VersionedBucket()
        self.failure: Exception | None = None
        self.generate_presigned_post = PRESIGNER.generate_presigned_post
        self.generate_presigned_url = PRESIGNER.generate_presigned_url

    def put(self, key: str, content_type: str = "image/jpeg", **metadata: str) -> None:
        """Add an original."""
        self.objects[key] = {
            "Metadata": metadata,
            "LastModified": datetime(2026, 5, 1, 12, 0, 0, 123000, UTC),
            "ContentType": content_type,
        }

    def head_object(self, Bucket: str, Key: str, VersionId: str = "") -> dict[str, Any]:  # noqa: N803
        """HeadObject."""
        if VersionId:
            return self.versions.head_object(Bucket, Key, VersionId)
        assert Bucket == "raw"
        if self.failure:
            raise self.failure
        if Key not in self.objects:
            raise error("404", "HeadObject")
        return self.objects[Key]

    def list_objects_v2(self, Bucket: str, Prefix: str, MaxKeys: int) -> dict[str, Any]:  # noqa: N803
        """ListObjectsV2."""
        assert Bucket == "raw"
        if self.failure:
            raise self.failure
        keys = sorted(key for key in self.objects if key.startswith(Prefix))
        return {"Contents": [{"Key": key, **self.objects[key]} for key in keys[:MaxKeys]]}

    def delete_object(self, Bucket: str, Key: str) -> None:  # noqa: N803
        """DeleteObject, which succeeds for missing objects, too."""
        assert Bucket == "raw"
        self.objects.pop(Key, None)

    def copy_object(self, **request: Any) -> dict[str, Any]:
        """CopyObject of a version."""
        return self.versions.copy_object(**request)

    def get_paginator(self, operation: str) -> "Originals | VersionedBucket":
        """Return the paginator of ListObjectsV2, or ListObjectVersions."""
        if operation == "list_object_versions":
            return self.versions
        assert operation == "list_objects_v2"
        return self

    def paginate(self, Bucket: str, **_: str) -> list[dict[str, Any]]:  # noqa: N803
        """Return one page without renditions."""
        assert Bucket == "processed"
        return [{}]


class Queues:
    """SQS: the messages sent to the queue, and the queues' depths."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.depths = {"https://queue": ("3", "2"), "https://dead": ("1", "0")}
        self.depth_requests = 0

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        """SendMessage."""
        assert QueueUrl == "https://queue"
        self.sent.append(json.loads(MessageBody)["Records"][0])

    def get_queue_attributes(
        self,
        QueueUrl: str,  # noqa: N803
        AttributeNames: list[str],  # noqa: N803
    ) -> dict[str, Any]:
        """GetQueueAttributes."""
        self.depth_requests += 1
        waiting, in_flight = self.depths[QueueUrl]
        known = {
            "ApproximateNumberOfMessages": waiting,
            "ApproximateNumberOfMessagesNotVisible": in_flight,
        }
        return {"Attributes": {name: known[name] for name in AttributeNames}}


SIGNING_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
"""Base64url of 0123456789abcdef0123456789abcdef."""


class StepFunctions:
    """Step Functions: executions of one state machine, which only tests change."""

    def __init__(self) -> None:
        self.executions: dict[str, dict[str, Any]] = {}
        """Output of DescribeExecution, by name."""
        self.events: list[dict[str, Any]] = []
        self.machine: dict[str, Any] = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}
        self.before_decision: Callable[[], None] = lambda: None
        self.tokens: dict[str, Any] = {"token": None}
        """Task tokens with the output that was sent; None while the execution waits."""

    def start_execution(self, stateMachineArn: str, name: str, input: str) -> None:  # noqa: A002, N803
        """StartExecution, idempotent while an execution is running with the same input."""
        assert len(input.encode()) <= 256 * 1024
        assert stateMachineArn.endswith(":stateMachine:darkroom-workflow")
        known = self.executions.get(name)
        if known and (known["status"], known["input"]) != ("RUNNING", input):
            raise error("ExecutionAlreadyExists", "StartExecution")
        started = datetime(2026, 5, 1, 12, 0, 1, tzinfo=UTC)
        self.executions[name] = {"status": "RUNNING", "input": input, "startDate": started}

    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803
        """DescribeExecution."""
        machine, _, name = executionArn.rpartition(":")
        assert machine.endswith(":execution:darkroom-workflow")
        if name not in self.executions:
            raise error("ExecutionDoesNotExist", "DescribeExecution")
        return self.executions[name]

    def describe_state_machine_for_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803
        """DescribeStateMachineForExecution."""
        self.describe_execution(executionArn)
        return {"definition": json.dumps(self.machine)}

    def get_paginator(self, operation: str) -> "StepFunctions":
        """Return the paginator of GetExecutionHistory."""
        assert operation == "get_execution_history"
        return self

    def paginate(self, executionArn: str, *, includeExecutionData: bool) -> Any:  # noqa: N803
        """Return pages with one event each."""
        self.describe_execution(executionArn)
        assert not includeExecutionData
        return [{"events": [event]} for event in self.events]

    def send_task_success(self, taskToken: str, output: str) -> None:  # noqa: N803
        """SendTaskSuccess, which a token accepts once."""
        self.before_decision()
        if self.tokens.get(taskToken, "") is not None:
            raise error("TaskTimedOut", "SendTaskSuccess")
        self.tokens[taskToken] = json.loads(output)


class Parameters:
    """The parameters of SSM."""

    def __init__(self) -> None:
        self.values = {"/darkroom/darkroom/variant-signing-key": SIGNING_KEY}
        self.reads = 0

    def get_parameter(self, Name: str, *, WithDecryption: bool) -> dict[str, Any]:  # noqa: N803
        """GetParameter."""
        assert WithDecryption
        self.reads += 1
        if Name not in self.values:
            raise error("ParameterNotFound", "GetParameter")
        return {"Parameter": {"Value": self.values[Name]}}
