"""A deployed pipeline with faults: what tests put in, and whether it came out as it should."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import boto3
import httpx

from darkroom.cloud import Cloud
from localstack_init.function_code import build_code
from processor.catalog.entries import Entry
from processor.catalog.metadata import etag_of
from processor.sqs.reprocess import message_of, new_request
from processor.sqs.s3_events import read_message
from processor.storage.renditions import folder_of
from processor.storage.variants import Variants, is_current
from processor.storage.variants import folder_of as variant_folder
from processor.storage.versions import restore
from tests.integration.mappings import set_mapping
from tests.speed import limit

from .director import Director
from .wanted import RECIPE, Wanted, expected, has_come, of_key

VARIANT_TIMEOUT = 28
"""Seconds that the function of variants has, as deployed: late sweeps come after its time."""

API_TIMEOUT = CHANGES_TIMEOUT = 28
"""Seconds that the functions of the API and of events have."""

INJECTED = Path(__file__).with_name("injected")

ATTEMPT = ("lease", "message", "attempts", "retry", "published")
"""Fields that an entry has while somebody works, or is to work, on it."""

PAUSE = 0.2
"""Seconds between two looks at what is still to come."""


PATIENCE = limit(300)
"""Seconds until what has not come out is a failure."""


@dataclass
class Stage:
    """A stack whose function tells its steps to a director."""

    cloud: Cloud
    director: Director
    timeout: int
    """Seconds that the function has, whose start after a death counts."""

    def prepare(self) -> None:
        """Give the function the other entry point, and it and the queue little time."""
        # S3's test messages: one that meets the change comes again only after the queue's old
        # patience, in the middle of a test.
        self.wait_until(self.is_idle)
        self._inject("ProcessFunction", "process", self.timeout)
        self.cloud.sqs.set_queue_attributes(
            QueueUrl=self.cloud.outputs["QueueUrl"],
            # More than a claim can last, which is the function's time and a margin of five
            # seconds, so that no delivery meets a claim of the dead.
            Attributes={"VisibilityTimeout": str(self.timeout + 6)},
        )

    def prepare_variants(self) -> None:
        """Give the function of variants the other entry point, too."""
        self._inject("VariantFunction", "variant", VARIANT_TIMEOUT)

    def prepare_api(self) -> None:
        """Give the API's function the other entry point, too."""
        self._inject("ApiFunction", "api", API_TIMEOUT)

    @contextmanager
    def changes_one_by_one(self) -> Iterator[None]:
        """Give the function of events the other entry point, and one record at a time."""
        set_mapping(self.cloud.outputs["ChangesFunction"], enabled=False)
        self._inject("ChangesFunction", "changes", CHANGES_TIMEOUT)
        self._set_changes(1, "injected.changes.handler")
        yield
        self._set_changes(100, "processor.handlers.changes.handler")

    def _set_changes(self, batch_size: int, handler: str) -> None:
        client, function = boto3.client("lambda"), self.cloud.outputs["ChangesFunction"]
        set_mapping(function, enabled=False)
        client.update_function_configuration(FunctionName=function, Handler=handler)
        client.get_waiter("function_updated_v2").wait(FunctionName=function)
        (mapping,) = client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
        client.update_event_source_mapping(UUID=mapping["UUID"], BatchSize=batch_size)
        set_mapping(function, enabled=True)

    def _inject(self, output: str, module: str, timeout: int) -> None:
        client, function = boto3.client("lambda"), self.cloud.outputs[output]
        described = client.get_function_configuration(FunctionName=function)
        variables = described["Environment"]["Variables"]
        updated = client.get_waiter("function_updated_v2")
        client.update_function_code(FunctionName=function, ZipFile=code_with_faults())
        updated.wait(FunctionName=function, WaiterConfig={"Delay": 1})
        client.update_function_configuration(
            FunctionName=function,
            Handler=f"injected.{module}.handler",
            Timeout=timeout,
            Environment={"Variables": {**variables, "FAULTS_DIRECTOR": self.director.address}},
        )
        updated.wait(FunctionName=function, WaiterConfig={"Delay": 1})

    # --- What goes in ----------------------------------------------------------------------------

    def put(self, key: str, data: bytes, recipe: str = RECIPE) -> None:
        """Upload an original."""
        self.cloud.s3.put_object(
            Bucket=self.cloud.outputs["RawBucket"],
            Key=key,
            Body=of_key(data, key),
            Metadata={"recipe": recipe},
        )

    def remove(self, key: str) -> None:
        """Remove an original."""
        self.cloud.s3.delete_object(Bucket=self.cloud.outputs["RawBucket"], Key=key)

    def restore(self, key: str, number: int) -> None:
        """Restore a version of an original: the newest that is no delete marker is number 0."""
        bucket = self.cloud.outputs["RawBucket"]
        versions = [each for each in self.cloud.versions(key) if not each.is_marker]
        restore(self.cloud.s3, bucket, versions[number], self.cloud.catalog.get(key))

    def remove_version(self, key: str, number: int) -> None:
        """Remove a version of an original for good: the newest is number 0."""
        version = self.cloud.versions(key)[number]
        self.cloud.s3.delete_object(
            Bucket=self.cloud.outputs["RawBucket"], Key=key, VersionId=version.id
        )

    def discard(self, key: str) -> None:
        """Delete an image whose original was deleted."""
        self.cloud.discard(key, self.entry(key))

    def edit(self, key: str, **fields: object) -> int:
        """Edit an image's metadata; the status of the API's response."""
        path = f"{self.cloud.outputs['SiteUrl']}/api/images/{quote(key, safe='')}"
        headers = {"if-match": f'"{etag_of(self.entry(key))}"'}
        return httpx.patch(path, json=fields, headers=headers, timeout=PATIENCE).status_code

    def request(self, keys: Sequence[str], recipe: str) -> None:
        """Ask for the work on up to ten originals to be done again."""
        self.send([self.request_for(key, recipe) for key in keys])

    def request_in_a_batch(self, keys: Sequence[str], recipe: str) -> None:
        """The same, by messages that the function gets in one batch, in this order."""
        function = self.cloud.outputs["ProcessFunction"]
        set_mapping(function, enabled=False)
        self.request(keys, recipe)
        set_mapping(function, enabled=True)

    def request_for(self, key: str, recipe: str) -> str:
        """The message that asks for the work on an original to be done again."""
        entry = self.entry(key)
        return message_of(
            self.cloud.outputs["RawBucket"],
            new_request(key, entry["timestamp"], entry["sequencer"], recipe),
        )

    def invoke(self, message: str, body: str) -> list[str]:
        """Give the function a message that is in no queue; answers the ids that it hands back."""
        event = {
            "Records": [
                {
                    "messageId": message,
                    "receiptHandle": message,
                    "body": body,
                    "attributes": {"ApproximateReceiveCount": "1"},
                }
            ]
        }
        answer = boto3.client("lambda").invoke(
            FunctionName=self.cloud.outputs["ProcessFunction"], Payload=json.dumps(event)
        )
        payload = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, payload
        return [each["itemIdentifier"] for each in payload["batchItemFailures"]]

    def request_variant(self, key: str, name: str) -> bool:
        """Request a variant of the function itself; whether the function has answered."""
        event = {"rawPath": f"/variants/{key}/{name}", "headers": {}}
        answer = boto3.client("lambda").invoke(
            FunctionName=self.cloud.outputs["VariantFunction"], Payload=json.dumps(event)
        )
        if "FunctionError" in answer:
            return False
        payload = json.loads(answer["Payload"].read())
        assert payload["statusCode"] == 200, payload
        return True

    def send(self, bodies: Sequence[str]) -> None:
        """Put messages into the queue, up to ten."""
        self.cloud.sqs.send_message_batch(
            QueueUrl=self.cloud.outputs["QueueUrl"],
            Entries=[
                {"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)
            ],
        )

    def redrive(self, key: str) -> None:
        """Send the message about a key back from the dead-letter queue."""
        self.send([self.bury(key)])

    def bury(self, key: str) -> str:
        """Take the message about a key out of the dead-letter queue, once it is there."""
        dead = self.cloud.outputs["DeadLetterQueueUrl"]
        found: list[str] = []

        def is_there() -> bool:
            answer = self.cloud.sqs.receive_message(
                QueueUrl=dead, VisibilityTimeout=1, WaitTimeSeconds=1, MaxNumberOfMessages=10
            )
            for message in answer.get("Messages", []):
                (change,) = read_message(message["Body"], self.cloud.outputs["RawBucket"])
                if change.key == key:
                    found.append(message["Body"])
                    self.cloud.sqs.delete_message(
                        QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"]
                    )
            return bool(found)

        self.wait_until(is_there, lambda: self.story(key))
        return found[0]

    # --- What comes out --------------------------------------------------------------------------

    def settle(self, wanted: Mapping[str, Wanted]) -> None:
        """Wait until all has come out and the queue is empty; fail where it is not as wanted."""
        waiting = dict(wanted)

        def is_over() -> bool:
            for key in list(waiting):
                if has_come(self.entry(key), waiting[key]):
                    del waiting[key]
            return not waiting and self.is_idle()

        has_been_idle = False
        with suppress(AssertionError):
            self.wait_until(is_over)
            has_been_idle = True
        wrong = {key: why for key, each in wanted.items() if (why := self.problems(key, each))}
        # A late sweep of variants may be in flight again.
        if not has_been_idle and not self.is_idle():
            wrong["the queue"] = [f"has messages left: {self.cloud.queue_depths()}"]
        stories = "\n\n".join(self.story(key) for key in wrong)
        assert not wrong, f"{wrong}\n\n{stories}"

    def wait_for(self, key: str, wanted: Wanted) -> None:
        """Wait until a key has come to what is wanted of it."""
        self.wait_until(lambda: has_come(self.entry(key), wanted), lambda: self.story(key))

    def wait_until(
        self,
        condition: Callable[[], object],
        story: Callable[[], str] = lambda: "",
    ) -> None:
        """Wait for a condition, with pauses that leave the processors to the functions."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s in vain\n{story()}"
            time.sleep(PAUSE)

    def entry(self, key: str) -> Entry:
        """The entry of a key; an empty one where there is none."""
        return self.cloud.catalog.get(key) or {}

    def objects(self, key: str) -> dict[str, tuple[str, str]]:
        """Of all that is stored under a key's folder: MD5 and sequencer."""
        bucket, found = self.cloud.outputs["ProcessedBucket"], {}
        listed = self.cloud.s3.list_objects_v2(Bucket=bucket, Prefix=folder_of(key))
        for each in listed.get("Contents", []):
            head = self.cloud.s3.head_object(Bucket=bucket, Key=each["Key"])
            found[each["Key"]] = (head["ETag"].strip('"'), head["Metadata"].get("sequencer", ""))
        return found

    def variants(self, key: str) -> dict[str, bool]:
        """Of all stored variants of a key, by their names: whether they are of its image now."""
        stored = Variants(self.cloud.s3, self.cloud.outputs["ProcessedBucket"])
        versions = {name: stored.version(variant_folder(key) + name) for name in stored.names(key)}
        # One may have been deleted since the listing.
        there = {name: each for name, each in versions.items() if each is not None}
        entry = self.entry(key) or None
        return {name: is_current(each, entry) for name, each in there.items()}

    def is_idle(self) -> bool:
        """Whether no message waits or is being worked on."""
        depths = self.cloud.queue_depths()
        return depths["waiting"] == depths["in flight"] == 0

    def problems(self, key: str, wanted: Wanted) -> list[str]:
        """What is not as it should be, in sentences."""
        entry, objects = self.entry(key), self.objects(key)
        found = []
        if not has_come(entry, wanted):
            found.append(f"the entry is not {wanted.status} as it should be")
        # A redrive of what failed has to know how many attempts have crashed.
        is_over = wanted.status in ("done", "deleted")
        if is_over and (left := [name for name in ATTEMPT if name in entry]):
            found.append(f"the entry still has {left}")
        if wanted.code and entry.get("error", {}).get("code") != wanted.code:
            found.append(f"the error is not {wanted.code}")
        # After a failed request they are those of the change before it, which the entry tells not.
        of_before = {sequencer for _, sequencer in objects.values()}
        made_for = (
            min(of_before, default="") if wanted.failed_request else entry.get("sequencer", "")
        )
        should_be = {
            name: (etag, made_for)
            for name, etag in (expected(key, wanted).items() if wanted.status == "done" else ())
        }
        if objects != should_be:
            found.append(f"stored are {objects} in place of {should_be}")
        if {each["key"] for each in entry.get("renditions", [])} != set(should_be):
            found.append("the entry names other renditions than it should")
        if entry.get("duplicate_of") != wanted.duplicate_of:
            found.append(f"it is a duplicate of {entry.get('duplicate_of')}")
        is_kept = wanted.status == "failed" or not self.cloud.deletes_originals
        if wanted.status != "deleted" and (self.cloud.original(key) is not None) != is_kept:
            found.append(f"its original is {'gone' if is_kept else 'still there'}")
        return found

    def story(self, key: str) -> str:
        """All that is known of a key: its entry, its objects, its steps, the function's log."""
        steps = [f"{step.at:8.2f} {step.name}" for step in self.director.steps(key)]
        return "\n".join(
            [
                f"=== {key}",
                f"entry: {json.dumps(self.entry(key), indent=1)}",
                f"stored: {self.objects(key)}",
                "steps:",
                *steps,
                "log:",
                *self.log(json.dumps(key)),
            ]
        )

    def log(self, pattern: str) -> list[str]:
        """The lines of the function's log that have ``pattern`` in them."""
        pages = boto3.client("logs").get_paginator("filter_log_events")
        return [
            event["message"].rstrip()
            for page in pages.paginate(logGroupName=self.cloud.outputs["LogGroup"])
            for event in page["events"]
            if pattern in event["message"]
        ]


def code_with_faults() -> bytes:
    """The function's code as it is deployed, and the other entry point beside it."""
    file = io.BytesIO(build_code().path.read_bytes())
    with zipfile.ZipFile(file, "a") as archive:
        for module in INJECTED.glob("*.py"):
            archive.write(module, f"{INJECTED.name}/{module.name}")
    return file.getvalue()
