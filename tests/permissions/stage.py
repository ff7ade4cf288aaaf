"""A deployed stack, the decisions about its roles, and waits that end when a request is denied."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import boto3
import httpx

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry
from processor.change import Change
from processor.step_functions.client import Executions
from tests.integration.bus import Inbox
from tests.integration.site import Site
from tests.integration.workflow.bench import path_of
from tests.receiver import Receiver
from tests.speed import LIMIT, limit

GRACE = min(limit(1.5), 3.0)
"""Seconds from a denial within which a flow that does not need the permission comes to its end.
Functions repeat what was denied after more, and a flow that needs no more time would have ended."""


class FlowFailedError(AssertionError):
    """A flow did not come to its end."""


class FlowDeniedError(FlowFailedError):
    """A flow did not come to its end, and a request of its role was denied."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The emulator's decisions about the requests of roles and services."""

    endpoint: str

    def last(self) -> int:
        """Return the number of the last denial."""
        return int(self._get("denials?after=999999999")["last"])

    def denials(self, after: int) -> list[dict[str, Any]]:
        """Return the denials with higher numbers."""
        return list(self._get(f"denials?after={after}")["denials"])

    def decisions(self, role: str) -> list[dict[str, Any]]:
        """Return each kind of decision about a role once."""
        return list(self._get(f"decisions?role={role}")["decisions"])

    def _get(self, path: str) -> Any:
        response = httpx.get(f"{self.endpoint}/_emulator/iam/{path}", timeout=LIMIT)
        return response.raise_for_status().json()


@dataclass(frozen=True, slots=True)
class Watch:
    """What to expect a denial of: an action of a role, or of a service; after which denial."""

    action: str
    role: str
    """The name of the role; empty for a service."""
    after: int
    resource: str = ""
    """What the resource's ARN contains."""

    def matches(self, denial: dict[str, Any]) -> bool:
        """Return whether this is the denial."""
        return bool(
            denial["action"].lower() == self.action.lower()
            and denial["role"].rpartition("/")[2] == self.role
            and self.resource in denial["resource"]
        )


@dataclass
class Stage:
    """A deployed stack on which flows run, one after another."""

    cloud: Cloud
    http: httpx.Client
    trace: Trace
    inbox: Inbox
    """The events of the stack."""
    receiver: Receiver
    """What WebhookUrl leads to."""
    watch: Watch | None = None
    """Set while a permission is missing: waits then end with its denial."""
    stats_read: float = 0.0
    """When the statistics were read, in seconds of the monotonic clock: they are cached."""

    @cached_property
    def stack(self) -> str:
        """The stack's name."""
        return self.cloud.outputs["ProcessFunction"].removesuffix("-process")

    @cached_property
    def site(self) -> Site:
        """The distribution, with the API."""
        return Site(self.cloud.outputs["SiteUrl"], self.http)

    @cached_property
    def executions(self) -> Executions:
        """The executions of the workflow."""
        return Executions(boto3.client("stepfunctions"), self.cloud.outputs["Workflow"])

    @cached_property
    def _user(self) -> dict[str, str]:
        """The access key of a user who may do everything."""
        iam, name = boto3.client("iam"), f"everything-{uuid.uuid4().hex[:8]}"
        iam.create_user(UserName=name)
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        iam.put_user_policy(UserName=name, PolicyName="everything", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {
            "aws_access_key_id": key["AccessKeyId"],
            "aws_secret_access_key": key["SecretAccessKey"],
        }

    def over_http(self, service: Literal["s3", "sqs"]) -> Any:
        """Return the client of a user who may do everything, behind a proxy for HTTP."""
        client = boto3.client(service, **self._user)  # type: ignore[call-overload]

        def add(request: Any, **_: object) -> None:
            request.headers["X-Forwarded-Proto"] = "http"

        client.meta.events.register("before-send", add)
        return client

    # --- Waiting -----------------------------------------------------------------------------

    def wait[T](self, condition: Callable[[], T], what: str) -> T:
        """Return the condition's first truthy value.

        Raises ``FlowDeniedError`` if it is not true ``GRACE`` seconds after the watched denial,
        and ``FlowFailedError`` at the deadline.
        """
        deadline, pause, is_denied = time.monotonic() + LIMIT, 0.02, False
        while not (value := condition()):
            if not is_denied and self.denied():
                is_denied, deadline = True, time.monotonic() + GRACE
            if time.monotonic() > deadline:
                kind = FlowDeniedError if is_denied else FlowFailedError
                raise kind(f"{what}: waited in vain; the last value was {value!r}")
            time.sleep(pause)
            pause = min(1.3 * pause, 0.2)
        return value

    def denied(self) -> list[dict[str, Any]]:
        """Return the watched denials."""
        if self.watch is None:
            return []
        return [each for each in self.trace.denials(self.watch.after) if self.watch.matches(each)]

    def denials(self, after: int) -> list[dict[str, Any]]:
        """Return the denials of the stack's roles, and of services to its resources."""
        return [
            each
            for each in self.trace.denials(after)
            if self.stack in f"{each['role']} {each['resource']}"
            and ":user/" not in each["principal"]
        ]

    # --- What goes in ------------------------------------------------------------------------

    def key(self) -> str:
        """Return a key that no other flow uses."""
        return f"uploads/{uuid.uuid4().hex[:12]}.jpg"

    def put(self, key: str, data: bytes, recipe: str | None = None) -> None:
        """Upload an original."""
        self.cloud.s3.put_object(
            Bucket=self.cloud.outputs["RawBucket"],
            Key=key,
            Body=data,
            Metadata={"recipe": recipe} if recipe else {},
        )

    def remove(self, key: str) -> None:
        """Delete an original."""
        self.cloud.s3.delete_object(Bucket=self.cloud.outputs["RawBucket"], Key=key)

    def send(self, body: str) -> str:
        """Send a message to the queue; return its id."""
        queue = self.cloud.outputs["QueueUrl"]
        return self.cloud.sqs.send_message(QueueUrl=queue, MessageBody=body)["MessageId"]

    def api(self, method: str, path: str, body: object = None, status: int = 200) -> Any:
        """Return the API's response to a request. Raises ``FlowFailedError`` for another status."""
        response = self.site.api(method, path, body)
        if response.status_code != status:
            raise FlowFailedError(f"{method} {path}: {response.status_code} {response.text}")
        return response.json()

    def start(self, change: Change, name: str | None = None) -> str:
        """Start an execution of the workflow."""
        return self.executions.start(change, name or uuid.uuid4().hex)

    # --- What comes out ----------------------------------------------------------------------

    def entry(self, key: str) -> Entry | None:
        """Return what the catalog has."""
        return self.cloud.catalog.get(key)

    def becomes(self, key: str, status: str, after: Entry | None = None) -> Entry:
        """Wait until an entry has a status, in place of the entry ``after``."""

        def found() -> Entry | None:
            entry = self.entry(key)
            if entry is None or entry["status"] != status:
                return None
            return entry if after is None or entry["sequencer"] > after["sequencer"] else None

        entry = self.wait(found, f"{key} becomes {status}")
        assert entry
        return entry

    def stored(self, prefix: str, bucket: str = "ProcessedBucket") -> set[str]:
        """Return the keys of a bucket's objects."""
        response = self.cloud.s3.list_objects_v2(Bucket=self.cloud.outputs[bucket], Prefix=prefix)
        return {each["Key"] for each in response.get("Contents", [])}

    def holds_only(self, key: str, entry: Entry) -> None:
        """Wait until an original has the renditions of its entry, and no others."""
        wanted = {each["key"] for each in entry.get("renditions", ())}
        self.wait(lambda: self.stored(f"processed/{key}/") == wanted, f"{key} has its renditions")

    def ended(self, execution: str) -> None:
        """Wait until an execution has succeeded. Raises ``FlowFailedError`` if it fails."""

        def status() -> str:
            found = self.executions.describe(execution)
            return "" if found is None or found["status"] == "RUNNING" else found["status"]

        if (found := self.wait(status, f"the execution {execution} ends")) != "SUCCEEDED":
            raise FlowFailedError(f"The execution {execution} is {found}")

    def api_status(self, key: str) -> int:
        """Return the status of the API's response about an image."""
        return self.site.api("GET", f"images/{path_of(key)}").status_code

    # --- Between flows -----------------------------------------------------------------------

    def clear(self) -> None:
        """Discard what a failed flow has left: messages, running executions, a disabled mapping."""
        for name in ("QueueUrl", "DeadLetterQueueUrl", "WebhooksUrl"):
            self.cloud.sqs.purge_queue(QueueUrl=self.cloud.outputs[name])
        client = self.executions.stepfunctions
        running = client.list_executions(
            stateMachineArn=self.cloud.outputs["Workflow"], statusFilter="RUNNING"
        )
        for each in running["executions"]:
            with suppress(client.exceptions.ExecutionDoesNotExist):
                client.stop_execution(executionArn=each["executionArn"])

        for function in ("ProcessFunction", "ChangesFunction", "WebhookFunction"):
            self.enable_mapping(function, enabled=True)

    def enable_mapping(self, output: str = "ProcessFunction", *, enabled: bool) -> None:
        """Enable or disable a function's event source mapping, and wait until it is."""
        mappings = boto3.client("lambda")
        function = self.cloud.outputs[output]
        found = mappings.list_event_source_mappings(FunctionName=function)
        (mapping,) = found["EventSourceMappings"]
        wanted = "Enabled" if enabled else "Disabled"
        if mapping["State"] == wanted:
            return
        mappings.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)
        self.wait(
            lambda: mappings.get_event_source_mapping(UUID=mapping["UUID"])["State"] == wanted,
            f"the mapping is {wanted}",
        )

    @contextmanager
    def watching(self, action: str, role: str, resource: str = "") -> Iterator[Watch]:
        """Let waits end with the denial of a role's action."""
        self.watch = Watch(action, role, self.trace.last(), resource)
        try:
            yield self.watch
        finally:
            self.watch = None
