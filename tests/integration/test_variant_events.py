"""Events of variants, of a deployed stack with ``VariantEvents``."""

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import boto3
import pytest

from darkroom.cloud import Cloud
from darkroom.operations.dead_events import browse_dead_events, dead_events
from localstack_init.deploy import Deployment, deploy, destroy
from processor.events.outcomes import event_id
from tests.queues import ServiceQueue, service_queue

from .bus import inbox
from .conftest import Run, new_deployment
from .test_hostile_names import check
from .variants import Viewer
from .waiting import wait_for


class Telling:
    """A stack with ``VariantEvents``, and what its NotifyQueue has received."""

    def __init__(self, deployment: Deployment, queue: ServiceQueue) -> None:
        self.deployment = deployment
        self._queue = queue
        self._received: list[dict[str, Any]] = []
        self.cloud = self.deploy("on")

    def deploy(self, variant_events: str) -> Cloud:
        """Deploy the stack with a value of the parameter."""
        wanted = {**self.deployment.parameters, "VariantEvents": variant_events}
        return Cloud(deploy(replace(self.deployment, parameters=wanted), lambda _: None))

    def image(self, data: bytes, name: str = "café + b.png") -> str:
        """Upload an image; return its key once it is published."""
        key = f"variants/{uuid.uuid4().hex}/{name}"
        self.cloud.s3.put_object(Bucket=self.cloud.outputs["RawBucket"], Key=key, Body=data)
        wait_for(lambda: (self.cloud.catalog.get(key) or {}).get("status") == "done")
        return key

    def request(self, options: str, key: str) -> str:
        """Request a variant; return its ETag."""
        response = Viewer(self.cloud).get(options, key)
        assert response.status_code == 200, response.text
        return response.headers["etag"].strip('"')

    def variants(self, key: str) -> list[dict[str, Any]]:
        """Return each received event of a variant of an image, in order, repeated ones too."""
        return [each for each in self.events(key) if each["status"] == "variant-created"]

    def events(self, key: str) -> list[dict[str, Any]]:
        """Return each received event of an image, in order, repeated ones too."""
        while bodies := self._queue.take():
            self._received += [json.loads(each) for each in bodies]
        assert all(
            each["detail-type"] == f"image.{each['detail']['status']}" for each in self._received
        )
        return [each["detail"] for each in self._received if each["detail"]["key"] == key]

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """Let the queue refuse events while the context lasts."""
        sqs, url = self._queue.sqs, self._queue.url
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
        try:
            yield
        finally:
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": found["Policy"]})


@pytest.fixture(scope="module")
def telling(endpoint: str) -> Iterator[Telling]:
    """Yield a stack that sends events of variants to a queue."""
    assert endpoint
    with service_queue("events") as queue:
        usual = new_deployment()
        wanted = {**usual.parameters, "NotifyQueue": queue.arn}
        yield Telling(replace(usual, parameters=wanted), queue)
        destroy(usual.stack, lambda _: None)


def test_the_first_request_alone_has_an_event(telling: Telling, sample: Any) -> None:
    """A variant that is stored has one event with its size; later requests of it have none."""
    key = telling.image(sample("coffee.png"))
    etag = telling.request("w_64", key)
    wait_for(lambda: telling.variants(key))
    Viewer(telling.cloud).invalidate()
    assert telling.request("w_64", key) == etag
    telling.request("thumb", key)
    wait_for(lambda: len(telling.variants(key)) >= 2)
    names = Counter(each["variant"]["name"] for each in telling.variants(key))
    assert names == {"w_64.webp": 1, "thumb.webp": 1}
    event = telling.variants(key)[0]
    entry: Any = telling.cloud.catalog.get(key)
    stored = telling.cloud.s3.head_object(
        Bucket=telling.cloud.outputs["ProcessedBucket"], Key=event["variant"]["key"]
    )
    height = round(64 * entry["height"] / entry["width"])
    assert event["variant"] == {
        "name": "w_64.webp",
        "key": f"variants/{key}/w_64.webp",
        "width": 64,
        "height": height,
        "bytes": stored["ContentLength"],
        "type": "image/webp",
        "etag": etag,
    }
    version = entry["sequencer"]
    assert (event["version"], event["status"]) == (version, "variant-created")
    assert event["id"] == event_id(key, version, "variant-created", "w_64.webp", etag)


def test_a_new_version_has_events_of_its_own(telling: Telling, sample: Any) -> None:
    """Variants of a replaced image are stored again, which are other events."""
    key = telling.image(sample("coffee.png"))
    telling.request("w_64", key)
    before: Any = telling.cloud.catalog.get(key)
    telling.cloud.s3.put_object(
        Bucket=telling.cloud.outputs["RawBucket"], Key=key, Body=sample("astronaut.jpg")
    )

    def is_replaced() -> bool:
        entry: Any = telling.cloud.catalog.get(key)
        return bool(entry["status"] == "done" and entry["sequencer"] > before["sequencer"])

    wait_for(is_replaced)
    Viewer(telling.cloud).invalidate()
    telling.request("w_64", key)
    wait_for(lambda: len({each["id"] for each in telling.variants(key)}) == 2)
    versions = [each["version"] for each in telling.variants(key)]
    assert min(versions) == before["sequencer"]


def test_it_is_turned_off_and_on(telling: Telling, sample: Any) -> None:
    """Without VariantEvents, bucket and function know nothing of each other, and variants have no
    events. Turned on again, they have.
    """
    functions: Any = boto3.client("lambda")
    cloud, function = telling.deploy("off"), telling.cloud.outputs["ChangesFunction"]
    bucket = cloud.outputs["ProcessedBucket"]
    configured = cloud.s3.get_bucket_notification_configuration(Bucket=bucket)
    assert "LambdaFunctionConfigurations" not in configured
    for read in (functions.get_policy, functions.get_function_event_invoke_config):
        with pytest.raises(functions.exceptions.ResourceNotFoundException):
            read(FunctionName=function)
    key = telling.image(sample("coffee.png"))
    telling.request("w_64", key)
    telling.deploy("on")
    telling.request("w_96", key)
    wait_for(lambda: telling.variants(key))
    assert [each["variant"]["name"] for each in telling.variants(key)] == ["w_96.webp"]


def test_a_stack_has_no_events_of_variants_by_default(cloud: Cloud, sample: Any) -> None:
    """Its bucket of renditions sends no notifications."""
    bucket = cloud.outputs["ProcessedBucket"]
    configured = cloud.s3.get_bucket_notification_configuration(Bucket=bucket)
    assert "LambdaFunctionConfigurations" not in configured
    key = f"{uuid.uuid4().hex}.png"
    with inbox(cloud) as events:
        cloud.s3.put_object(Bucket=cloud.outputs["RawBucket"], Key=key, Body=sample("coffee.png"))
        wait_for(lambda: events.statuses(key) == ["done"])
        assert Viewer(cloud).get("w_64", key).status_code == 200
        cloud.s3.delete_object(Bucket=cloud.outputs["RawBucket"], Key=key)
        wait_for(lambda: "deleted" in events.statuses(key))
        assert events.statuses(key) == ["done", "deleted"]


def test_a_failed_notification_is_kept_and_replayed(
    telling: Telling, sample: Any, run: Run
) -> None:
    """A notification that the function has failed at is listed with its reason, and sent again.

    Its key has control characters and markup, which are escaped.
    """
    functions: Any = boto3.client("lambda")
    cloud, stack = telling.cloud, telling.deployment.stack
    function = cloud.outputs["ChangesFunction"]
    retries = functions.get_function_event_invoke_config(FunctionName=function)
    assert retries["MaximumRetryAttempts"] == 2
    key = telling.image(sample("coffee.png"), "\x1b[31m\n[/red].png")
    handler = functions.get_function_configuration(FunctionName=function)["Handler"]
    try:
        _configure(function, handler="never.called", retries=0)
        telling.request("w_64", key)
        wait_for(lambda: _dead(cloud) == [("variant", f"variants/{key}/w_64.webp")])
    finally:
        _configure(function, handler=handler, retries=2)
    listed = run("events", "list", "--stack", stack)
    check(listed, key)
    assert "never" in listed.stdout
    assert telling.variants(key) == []
    assert "1 of 1 message" in run("events", "replay", "--stack", stack).stdout
    wait_for(lambda: [each["variant"]["name"] for each in telling.variants(key)] == ["w_64.webp"])
    assert "No events" in run("events", "list", "--stack", stack).stdout


@pytest.mark.nightly  # Lambda repeats it after a minute
def test_a_failed_notification_is_repeated(telling: Telling, sample: Any) -> None:
    """A notification that the function fails at has its event once the function works again."""
    functions: Any = boto3.client("lambda")
    function = telling.cloud.outputs["ChangesFunction"]
    key = telling.image(sample("coffee.png"))
    wait_for(lambda: telling.events(key))
    handler = functions.get_function_configuration(FunctionName=function)["Handler"]
    try:
        _configure(function, handler="never.called", retries=2)
        before = _failures(telling.cloud)
        telling.request("w_64", key)
        wait_for(lambda: _failures(telling.cloud) > before)
    finally:
        _configure(function, handler=handler, retries=2)
    wait_for(lambda: [each["variant"]["name"] for each in telling.variants(key)] == ["w_64.webp"])


def test_a_refused_event_is_replayed(telling: Telling, sample: Any, run: Run) -> None:
    """An event that NotifyQueue has refused is published again, with the same ID."""
    cloud, stack = telling.cloud, telling.deployment.stack
    with telling.refusing():
        key = telling.image(sample("coffee.png"))
        wait_for(lambda: _dead(cloud) == [("event", key)])
    assert "1 of 1 message" in run("events", "replay", "--stack", stack).stdout
    entry: Any = cloud.catalog.get(key)
    wait_for(lambda: telling.events(key))
    (event,) = telling.events(key)
    assert event["id"] == event_id(key, entry["sequencer"], "done")


def _dead(cloud: Cloud) -> list[tuple[str, str]]:
    """Return the kinds and keys of events that were given up."""
    with browse_dead_events(cloud) as browser:
        return [(each.kind, each.key) for each in dead_events(cloud, browser)]


def _failures(cloud: Cloud) -> int:
    """Return how often the function's code could not be loaded, by its log."""
    pages = (
        boto3.client("logs")
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=cloud.outputs["ChangesLogGroup"],
            filterPattern='"Runtime.ImportModuleError"',
        )
    )
    return sum(len(page["events"]) for page in pages)


def _configure(function: str, handler: str, retries: int) -> None:
    """Set the function's handler, and how often an asynchronous invocation is repeated."""
    functions: Any = boto3.client("lambda")
    functions.update_function_configuration(FunctionName=function, Handler=handler)
    waiter = functions.get_waiter("function_updated_v2")
    waiter.wait(FunctionName=function, WaiterConfig={"Delay": 1})
    functions.update_function_event_invoke_config(
        FunctionName=function, MaximumRetryAttempts=retries
    )
