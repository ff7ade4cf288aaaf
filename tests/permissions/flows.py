"""Flows through the pipeline, by the names that localstack_init/permissions.toml has.

Each comes to an end that shows that all its requests were allowed, and raises ``FlowFailedError``
if it does not. None depends on another's leftovers.
"""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import boto3
import httpx
from botocore.exceptions import ClientError

from darkroom.operations.redrive import DeadLetterFilter, OneByOne
from processor.api.stats import CACHE_SECONDS
from processor.catalog.attributes import serialize
from processor.catalog.entries import Entry
from processor.catalog.terms import hashes_of
from processor.change import UNKNOWN_SEQUENCER, Change
from processor.sqs.reprocess import message_of, new_request
from processor.storage.variants import is_current
from tests.integration.flagged import flagged, patchwork
from tests.integration.variants import Viewer, send
from tests.integration.workflow.bench import path_of
from tests.notifications import notification
from tests.speed import LIMIT

from .stage import FlowFailedError, Stage

Flow = Callable[[Stage], None]

FLOWS: dict[str, Flow] = {}

PUBLIC = ("public read", "public upload")
"""The flows of a stack with ``PublicRead`` and ``PublicUpload``."""

DELETING = (
    "deleted original",
    "deleted original in the workflow",
    "purged original",
    "purged original in the workflow",
)
"""The flows of a stack with ``DeleteOriginal``, where all others would lack their originals."""

MISSING_IMAGE = "missing-watermark"


def flow(function: Flow) -> Flow:
    """Add a flow, which has the function's name with spaces."""
    FLOWS[function.__name__.replace("_", " ")] = function
    return function


# --- The queue -------------------------------------------------------------------------------


@flow
def upload(stage: Stage) -> None:
    """An image is uploaded and rendered, and its message is deleted."""
    _uploaded(stage)
    stage.wait(lambda: _is_drained(stage), "the queue is empty")


@flow
def event_source_mapping(stage: Stage) -> None:
    """The event source mapping is disabled and enabled, and receives a message."""
    for enabled in (False, True):
        stage.enable_mapping(enabled=enabled)
    _uploaded(stage)


@flow
def overwrite(stage: Stage) -> None:
    """An image is replaced by one with another recipe; the old renditions are deleted."""
    key, before = _uploaded(stage)
    stage.put(key, photo(), "avatar")
    stage.holds_only(key, stage.becomes(key, "done", before))


@flow
def delete(stage: Stage) -> None:
    """An original is deleted, and its renditions with it."""
    key, before = _uploaded(stage)
    stage.remove(key)
    stage.becomes(key, "deleted", before)
    stage.wait(lambda: not stage.stored(f"processed/{key}/"), "no renditions are left")


@flow
def dead_letter(stage: Stage) -> None:
    """A message that can't be processed is received again at once, and moves to the other queue."""
    body = json.dumps({"of": uuid.uuid4().hex})
    stage.send(body)
    queue = stage.cloud.outputs["DeadLetterQueueUrl"]

    def is_dead() -> bool:
        found = stage.cloud.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        for each in found.get("Messages", []):
            stage.cloud.sqs.delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])
            if each["Body"] == body:
                return True
        return False

    stage.wait(is_dead, "the message is a dead letter")


@flow
def redrive(stage: Stage) -> None:
    """A message is moved from the dead-letter queue to the queue, and processed."""
    key, before = _uploaded(stage)
    queue = stage.cloud.outputs["DeadLetterQueueUrl"]
    body = _request(stage, key, before)
    stage.cloud.sqs.send_message(QueueUrl=queue, MessageBody=body)
    mover = OneByOne(stage.cloud, DeadLetterFilter(key, None, None), 100)
    mover.run(lambda _moved, _total: None)
    stage.becomes(key, "done", before)


@flow
def watermark_images(stage: Stage) -> None:
    """A recipe's watermark images are objects of the three buckets."""
    key, before = _uploaded(stage)
    for image in (f"raw:{key}", f"processed:processed/{key}/thumb.webp", _image_of_site(stage)):
        stage.send(_request(stage, key, before, _recipe(image)))
        before = stage.becomes(key, "done", before)
        if "failed_request" in before:
            raise FlowFailedError(f"{image}: {before['failed_request']}")


@flow
def missing_watermark_image(stage: Stage) -> None:
    """A recipe's watermark image does not exist, and the entry says so."""
    key, before = _uploaded(stage)
    stage.send(_request(stage, key, before, _recipe(f"site:marks/{uuid.uuid4().hex}.png")))
    _lacks_watermark(stage, key)


# --- Reviews ---------------------------------------------------------------------------------


@flow
def approve(stage: Stage) -> None:
    """A flagged upload is held, approved with the API, and rendered by the workflow."""
    key, execution = _held(stage)
    _decide(stage, key, "approve")
    stage.ended(execution)
    stage.holds_only(key, stage.becomes(key, "done"))


@flow
def reject(stage: Stage) -> None:
    """A flagged upload is held, and rejected with the API."""
    key, execution = _held(stage)
    _decide(stage, key, "reject")
    stage.ended(execution)
    stage.becomes(key, "rejected")


@flow
def newer_upload_in_review(stage: Stage) -> None:
    """A held image is replaced by another upload, which ends the review."""
    key, execution = _held(stage)
    stage.put(key, photo())
    stage.becomes(key, "done")
    stage.ended(execution)


@flow
def newer_workflow_in_review(stage: Stage) -> None:
    """A held image is processed by another execution, which ends the review."""
    key, execution = _held(stage)
    # It is not flagged again.
    _forget_analysis(stage, key)
    newer = _ask(stage, key, "avatar")
    stage.ended(newer)
    stage.ended(execution)


# --- The index -------------------------------------------------------------------------------


@flow
def duplicate(stage: Stage) -> None:
    """The same file is uploaded twice; the second entry names the first image."""
    first, copy, data = stage.key(), stage.key(), photo()
    stage.put(first, data)
    stage.becomes(first, "done")
    stage.put(copy, data)
    if (found := stage.becomes(copy, "done").get("duplicate_of")) != first:
        raise FlowFailedError(f"{copy} is a copy of {found}")


@flow
def duplicate_in_the_workflow(stage: Stage) -> None:
    """The workflow processes a copy, whose entry names the first image."""
    first, copy, data = stage.key(), stage.key(), photo()
    for key in (first, copy):
        stage.put(key, data)
        stage.becomes(key, "done")
    execution = _ask(stage, copy, "avatar")
    stage.ended(execution)
    entry = stage.becomes(copy, "done")
    if (entry["recipe"], entry.get("duplicate_of")) != ("avatar", first):
        raise FlowFailedError(f"The entry is {entry}")


@flow
def indexed_upload(stage: Stage) -> None:
    """An image's words and hashes are written to the index."""
    _, entry = _uploaded(stage)
    stage.wait(
        lambda: entry["filename"] in stage.cloud.index.similar(hashes_of(entry), 0),
        "the index has the image's hashes",
    )
    name = entry["filename"].rpartition("/")[2].partition(".")[0]
    stage.wait(lambda: stage.cloud.index.find([f"word#{name}"], None, 1)[0], "and its name")


@flow
def recorded_change(stage: Stage) -> None:
    """An upload is recorded in the change feed."""
    since = stage.api("GET", "images?since=now")["next"]
    key, _ = _uploaded(stage)

    def is_recorded() -> bool:
        page = stage.api("GET", f"images?since={since}&limit=100")
        return any(each["key"] == key for each in page["changes"])

    stage.wait(is_recorded, "the change is in the feed")


# --- Originals that are deleted after processing ----------------------------------------------


@flow
def purged_original(stage: Stage) -> None:
    """The version of an upload is deleted for good after processing."""
    key, _ = _uploaded(stage)
    stage.wait(lambda: not stage.cloud.versions(key), "no version is left")


@flow
def deleted_original(stage: Stage) -> None:
    """An original from before the bucket was versioned is deleted after processing."""
    with _unversioned(stage):
        key, _ = _uploaded(stage)
        stage.wait(lambda: stage.cloud.original(key) is None, "the original is gone")


@flow
def purged_original_in_the_workflow(stage: Stage) -> None:
    """The workflow deletes the version of an image that was approved for good."""
    key, execution = _held(stage)
    _decide(stage, key, "approve")
    stage.wait(lambda: not stage.cloud.versions(key), "no version is left")
    stage.ended(execution)


@flow
def deleted_original_in_the_workflow(stage: Stage) -> None:
    """The workflow deletes an original from before the bucket was versioned."""
    with _unversioned(stage):
        key, execution = _held(stage)
        _decide(stage, key, "approve")
        stage.wait(lambda: stage.cloud.original(key) is None, "the original is gone")
    stage.ended(execution)


# --- The workflow ----------------------------------------------------------------------------


@flow
def workflow(stage: Stage) -> None:
    """The API starts the workflow, which analyzes and renders an image."""
    key, _ = _uploaded(stage)
    _forget_analysis(stage, key)
    execution = _ask(stage, key, "avatar")
    stage.ended(execution)
    entry = stage.becomes(key, "done")
    if entry["recipe"] != "avatar" or not entry["analysis"]:
        raise FlowFailedError(f"The entry is {entry}")
    stage.holds_only(key, entry)
    if left := stage.stored(f"workflow/{execution}"):
        raise FlowFailedError(f"The execution has left {left}")


@flow
def workflow_with_watermark_image(stage: Stage) -> None:
    """A recipe's watermark image is an object of the site bucket, in the workflow."""
    key, before = _uploaded(stage)
    for image in (f"raw:{key}", f"processed:processed/{key}/thumb.webp", _image_of_site(stage)):
        change = replace(_newer(key, before), recipe=_recipe(image))
        stage.ended(stage.start(change))
        before = stage.becomes(key, "done", before)
        if "failed_request" in before:
            raise FlowFailedError(f"{image}: {before['failed_request']}")


@flow
def workflow_without_watermark_image(stage: Stage) -> None:
    """A recipe's watermark image does not exist, in the workflow."""
    key, before = _uploaded(stage)
    recipe = _recipe(f"site:marks/{uuid.uuid4().hex}.png")
    stage.ended(stage.start(replace(_newer(key, before), recipe=recipe)))
    _lacks_watermark(stage, key)


@flow
def workflow_without_original(stage: Stage) -> None:
    """An execution starts after the original was deleted."""
    key, before = _uploaded(stage)
    stage.remove(key)
    deleted = stage.becomes(key, "deleted", before)
    stage.ended(stage.start(_newer(key, deleted)))
    stage.becomes(key, "deleted", deleted)


@flow
def superseded_workflow(stage: Stage) -> None:
    """An execution that is too late finds a rendition missing, and has the image processed."""
    key, before = _uploaded(stage)
    lost = before["renditions"][0]["key"]
    stage.cloud.s3.delete_object(Bucket=stage.cloud.outputs["ProcessedBucket"], Key=lost)
    older = Change("requested", key, before["timestamp"], UNKNOWN_SEQUENCER)
    stage.ended(stage.start(older))
    stage.wait(lambda: lost in stage.stored(f"processed/{key}/"), "the rendition is stored again")


# --- The API ---------------------------------------------------------------------------------


@flow
def api_upload(stage: Stage) -> None:
    """An image is uploaded with a presigned form: `POST /uploads`."""
    form = stage.site.leave("photo.jpg")
    response = stage.site.send(form, photo())
    if response.status_code != 204:
        raise FlowFailedError(f"The form: {response.status_code} {response.text}")
    stage.becomes(form["key"], "done")


@flow
def api_read(stage: Stage) -> None:
    """Images and recipes are listed and read: `GET /images`, `/images/{key}`, `/recipes`."""
    key, _ = _uploaded(stage)
    for query in ("", "?status=done", "?label=cat"):
        stage.api("GET", f"images{query}")
    stage.api("GET", f"images/{path_of(key)}")
    stage.api("GET", f"images/{path_of(stage.key())}", status=404)
    stage.api("GET", "recipes")


@flow
def api_search(stage: Stage) -> None:
    """Images are found by a word and by their likeness, and their changes are read."""
    key, _ = _uploaded(stage)
    stage.api("GET", "images?since=now")
    stage.api("GET", f"images?q={key.rpartition('/')[2].partition('.')[0]}")
    stage.api("GET", f"images/{path_of(key)}/similar")


@flow
def api_stats(stage: Stage) -> None:
    """The queues are counted: `GET /stats`."""
    since = stage.stats_read + CACHE_SECONDS
    stage.wait(lambda: time.monotonic() > since, "the cached statistics expire")
    stage.stats_read = time.monotonic()
    stage.api("GET", "stats")


@flow
def api_original(stage: Stage) -> None:
    """An original is downloaded with a presigned URL: `GET /images/{key}/original`."""
    key, _ = _uploaded(stage)
    url = stage.api("GET", f"images/{path_of(key)}/original")["url"]
    response = httpx.get(url, timeout=LIMIT)
    if response.status_code != 200:
        raise FlowFailedError(f"The URL: {response.status_code} {response.text}")


@flow
def api_process(stage: Stage) -> None:
    """An image is processed again with a named recipe: `POST /images/{key}/process`."""
    key, before = _uploaded(stage)
    path = f"images/{path_of(key)}/process"
    stage.api("POST", path, {"recipe": "avatar"}, status=202)
    stage.holds_only(key, stage.becomes(key, "done", before))
    stage.api("POST", f"images/{path_of(stage.key())}/process", {}, status=404)


@flow
def api_variant_urls(stage: Stage) -> None:
    """The API signs the URL of a variant: `POST /images/{key}/variant-urls`."""
    key, _ = _uploaded(stage)
    # An environment keeps the key.
    _restart(stage, "ApiFunction")
    found = stage.api("POST", f"images/{path_of(key)}/variant-urls", {"options": ["w_41"]})
    _returns(send(found["variants"][0]["url"]), 200)


@flow
def api_workflow(stage: Stage) -> None:
    """An execution is shown: `GET /images/{key}/workflow`."""
    key, _ = _uploaded(stage)
    stage.ended(_ask(stage, key))
    shown = stage.api("GET", f"images/{path_of(key)}/workflow")
    if shown["status"] != "succeeded":
        raise FlowFailedError(f"The workflow is {shown}")


@flow
def api_delete(stage: Stage) -> None:
    """An image is deleted: `DELETE /images/{key}`."""
    key, before = _uploaded(stage)
    stage.api("DELETE", f"images/{path_of(key)}", status=202)
    stage.becomes(key, "deleted", before)


@flow
def api_delete_leftovers(stage: Stage) -> None:
    """An image without its original is deleted: `DELETE /images/{key}`."""
    key, before = _uploaded(stage)
    # The entry is put back as if S3 had sent no event, such as after its lifecycle rule.
    stage.remove(key)
    deleted = stage.becomes(key, "deleted", before)
    _restore(stage, before, deleted)
    stage.api("DELETE", f"images/{path_of(key)}", status=202)
    stage.becomes(key, "deleted", deleted)


@flow
def api_restore(stage: Stage) -> None:
    """A deleted image is restored: `POST /images/{key}/restore`."""
    # The API may upload below uploads/ anyway.
    key = f"restored/{uuid.uuid4().hex}.jpg"
    stage.put(key, photo())
    before = stage.becomes(key, "done")
    stage.remove(key)
    deleted = stage.becomes(key, "deleted", before)
    stage.api("POST", f"images/{path_of(key)}/restore", {}, status=202)
    stage.holds_only(key, stage.becomes(key, "done", deleted))


# --- CloudFront ------------------------------------------------------------------------------


@flow
def page_and_renditions(stage: Stage) -> None:
    """CloudFront serves the page and a rendition, and has no other."""
    _, entry = _uploaded(stage)
    fresh = uuid.uuid4().hex
    rendition = entry["renditions"][0]["key"]
    wanted = {f"?v={fresh}": 200, f"{rendition}?v={fresh}": 200}
    wanted |= {f"processed/{fresh}.webp": 404, f"{fresh}.js": 404}
    for path, status in wanted.items():
        if (found := stage.site.get(path).status_code) != status:
            raise FlowFailedError(f"/{path}: {found}, not {status}")


@flow
def public_read(stage: Stage) -> None:
    """Anybody reads a rendition from the bucket."""
    _, entry = _uploaded(stage)
    bucket, rendition = stage.cloud.outputs["ProcessedBucket"], entry["renditions"][0]["key"]
    response = httpx.get(f"{stage.trace.endpoint}/{bucket}/{rendition}", timeout=LIMIT)
    if response.status_code != 200:
        raise FlowFailedError(f"{rendition}: {response.status_code} {response.text}")


@flow
def public_upload(stage: Stage) -> None:
    """Anybody adds images to the bucket of originals."""
    bucket, folder = stage.cloud.outputs["RawBucket"], f"public/{uuid.uuid4().hex}"
    names = [f"{folder}/a.{each}" for each in ("avif", "gif", "heic", "jpeg", "jpg", "png", "webp")]
    for key in names:
        response = httpx.put(
            f"{stage.trace.endpoint}/{bucket}/{key}",
            content=photo(),
            headers={"if-none-match": "*"},
            timeout=LIMIT,
        )
        if response.status_code != 200:
            raise FlowFailedError(f"{key}: {response.status_code} {response.text}")
    for key in names:
        stage.becomes(key, "done")


@flow
def plain_http(stage: Stage) -> None:
    """Requests that a proxy received over HTTP are denied, whatever their user may do."""
    s3, sqs = stage.over_http("s3"), stage.over_http("sqs")
    key = "marks/plain-http"
    for name in ("RawBucket", "ProcessedBucket", "SiteBucket"):
        bucket = stage.cloud.outputs[name]
        stage.cloud.s3.put_object(Bucket=bucket, Key=key)
        _is_refused(name, partial(s3.list_objects_v2, Bucket=bucket))
        _is_refused(name, partial(s3.get_object, Bucket=bucket, Key=key))
    for name in (
        "QueueUrl",
        "DeadLetterQueueUrl",
        "DeadEventsUrl",
        "WebhooksUrl",
        "DeadWebhooksUrl",
    ):
        _is_refused(name, partial(sqs.receive_message, QueueUrl=stage.cloud.outputs[name]))


def _is_refused(name: str, request: Callable[[], object]) -> None:
    try:
        request()
    except ClientError as error:
        if error.response["Error"]["Code"] in {"AccessDenied", "403"}:
            return
        raise
    raise FlowFailedError(f"{name} allows a request over HTTP")


# --- Variants --------------------------------------------------------------------------------


@flow
def variant(stage: Stage) -> None:
    """A variant is rendered, and read from S3 after an invalidation."""
    key, _ = _uploaded(stage)
    viewer = Viewer(stage.cloud)
    for _ in range(2):
        _returns(viewer.get("w_40", key), 200)
        viewer.invalidate()


@flow
def variant_with_watermark_image(stage: Stage) -> None:
    """A named variant has a watermark image, which is an object of the other buckets."""
    key, before = _uploaded(stage)
    for image in (f"processed:processed/{key}/thumb.webp", _image_of_site(stage)):
        stage.send(_request(stage, key, before, _recipe(image)))
        before = stage.becomes(key, "done", before)
        _returns(Viewer(stage.cloud).get(f"thumb,v_{before['sequencer']}", key), 200)


@flow
def variant_without_watermark_image(stage: Stage) -> None:
    """The watermark image of a named variant has been deleted, and the response says so."""
    key, before = _uploaded(stage)
    image = _image_of_site(stage)
    stage.send(_request(stage, key, before, _recipe(image)))
    stage.becomes(key, "done", before)
    bucket = stage.cloud.outputs["SiteBucket"]
    stage.cloud.s3.delete_object(Bucket=bucket, Key=image.removeprefix("site:"))
    # An environment may still know another image.
    _restart(stage, "VariantFunction")
    _returns(Viewer(stage.cloud).get("thumb", key), 422)


@flow
def variant_without_original(stage: Stage) -> None:
    """The original of a variant has expired: its entry stays."""
    key, before = _uploaded(stage)
    stage.remove(key)
    _restore(stage, before, stage.becomes(key, "deleted", before))
    _returns(Viewer(stage.cloud).get("w_40", key), 404)


@flow
def stale_variant(stage: Stage) -> None:
    """A request finds a stored variant of another version, and replaces it."""
    key, _ = _uploaded(stage)
    _leave_variant(stage, key)
    _invoke_variant(stage, key)
    if _variants(stage, key) != {"w_40.webp": True}:
        raise FlowFailedError("The variant is stale.")


@flow
def variant_of_a_changing_image(stage: Stage) -> None:
    """The entry changes while a variant is rendered, which is deleted."""
    key, before = stage.key(), None
    stage.put(key, patchwork(uuid.uuid4().hex, (3000, 2000)))
    before = stage.becomes(key, "done")
    processing: Any = serialize({**before, "status": "processing"})
    done: Any = serialize({**before})
    catalog = stage.cloud.catalog

    def is_deleted() -> bool:
        catalog.dynamodb.put_item(TableName=catalog.table, Item=done)
        with ThreadPoolExecutor(1) as pool:
            rendering = pool.submit(_invoke_variant, stage, key, "w_2000,q_90.avif")
            time.sleep(0.3)  # the first look is before, the second after it
            catalog.dynamodb.put_item(TableName=catalog.table, Item=processing)
            rendering.result()
        return _has_line(stage, "variant", key, "variant discarded")

    stage.wait(is_deleted, "a variant is deleted after the second look")


@flow
def variants_of_a_replaced_image(stage: Stage) -> None:
    """An image is replaced, and its variants are deleted."""
    key, before = _uploaded(stage)
    _leave_variant(stage, key)
    stage.put(key, photo(), "avatar")
    stage.becomes(key, "done", before)
    if left := _variants(stage, key):
        raise FlowFailedError(f"Variants are left: {left}")


@flow
def late_sweep(stage: Stage) -> None:
    """A variant that a request has stored late is deleted by a message."""
    key, before = _uploaded(stage)
    _leave_variant(stage, key)
    change = Change("swept", key, before["timestamp"], before["sequencer"])
    stage.send(message_of(stage.cloud.outputs["RawBucket"], change))
    stage.wait(lambda: not _variants(stage, key), "the variant is deleted")


@flow
def variants_in_the_workflow(stage: Stage) -> None:
    """The workflow renders an image again, and deletes its variants."""
    key, _ = _uploaded(stage)
    _leave_variant(stage, key)
    stage.ended(_ask(stage, key, "avatar"))
    if left := _variants(stage, key):
        raise FlowFailedError(f"Variants are left: {left}")


def _returns(response: httpx.Response, status: int) -> None:
    if response.status_code != status:
        raise FlowFailedError(f"{response.url}: {response.status_code} {response.text[:500]}")


def _leave_variant(stage: Stage, key: str) -> None:
    """Store a variant of another version, as a request that ends early may do."""
    stage.cloud.s3.put_object(
        Bucket=stage.cloud.outputs["ProcessedBucket"],
        Key=f"variants/{key}/w_40.webp",
        Body=b"stale",
        Metadata={"version": "0 stale"},
    )


def _variants(stage: Stage, key: str) -> dict[str, bool]:
    """Return whether the stored variants of an image are current, by name."""
    entry = stage.entry(key)
    return {
        target.rpartition("/")[2]: is_current(stage.cloud.variants.version(target) or "", entry)
        for target in stage.stored(f"variants/{key}/")
    }


def _invoke_variant(stage: Stage, key: str, name: str = "w_40.webp") -> None:
    """Request a variant of the function itself: CloudFront would find the stored one."""
    event = {"rawPath": f"/variants/{key}/{name}", "headers": {}}
    boto3.client("lambda").invoke(
        FunctionName=stage.cloud.outputs["VariantFunction"], Payload=json.dumps(event)
    )


# --- Events ----------------------------------------------------------------------------------


@flow
def event(stage: Stage) -> None:
    """The outcome of an upload is an event."""
    for enabled in (False, True):
        stage.enable_mapping("ChangesFunction", enabled=enabled)
    key, _ = _uploaded(stage)
    stage.wait(lambda: bool(stage.inbox.of(key)), "the event is sent")


@flow
def variant_event(stage: Stage) -> None:
    """A variant is stored, and its event is sent."""
    key, _ = _uploaded(stage)
    _returns(Viewer(stage.cloud).get("w_40", key), 200)
    stage.wait(lambda: "variant-created" in stage.inbox.statuses(key), "the event is sent")


@flow
def deleted_variant(stage: Stage) -> None:
    """A notification of a variant that was deleted has no event, and is no error."""
    key, bucket = stage.key(), stage.cloud.outputs["ProcessedBucket"]
    response = boto3.client("lambda").invoke(
        FunctionName=stage.cloud.outputs["ChangesFunction"],
        Payload=json.dumps(notification(bucket, f"variants/{key}/w_40.webp")),
    )
    if "FunctionError" in response:
        raise FlowFailedError(response["Payload"].read().decode())


@flow
def undelivered_event(stage: Stage) -> None:
    """An event that its queue does not accept is kept in a dead-letter queue."""
    key, _ = _uploaded(stage)
    url = stage.cloud.outputs["DeadEventsUrl"]

    def is_kept() -> bool:
        found = stage.cloud.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        bodies = [json.loads(each["Body"]) for each in found.get("Messages", [])]
        return any(each.get("detail", {}).get("key") == key for each in bodies)

    stage.wait(is_kept, "the event is kept")


@flow
def mapping_of_the_stream(stage: Stage) -> None:
    """The catalog's stream is mapped to another function with the same role."""
    client: Any = boto3.client("lambda")
    function = stage.cloud.outputs["ChangesFunction"]
    known = client.get_function_configuration(FunctionName=function)
    (mapping,) = client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as file:
        file.writestr("never.py", "")
    name = f"{stage.stack}-{uuid.uuid4().hex[:8]}"
    client.create_function(
        FunctionName=name,
        Role=known["Role"],
        Runtime=known["Runtime"],
        Handler="never.called",
        Code={"ZipFile": code.getvalue()},
    )
    try:
        other = client.create_event_source_mapping(
            FunctionName=name,
            EventSourceArn=mapping["EventSourceArn"],
            StartingPosition="LATEST",
            Enabled=False,
        )
        client.delete_event_source_mapping(UUID=other["UUID"])
    finally:
        client.delete_function(FunctionName=name)


@flow
def given_up_change(stage: Stage) -> None:
    """The function of events fails on a change, which is given up; its position is kept."""
    url, began = stage.cloud.outputs["DeadEventsUrl"], datetime.now(UTC)

    def is_kept() -> bool:
        found = stage.cloud.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        bodies = [json.loads(each["Body"]) for each in found.get("Messages", [])]
        times = [each["timestamp"] for each in bodies if "DDBStreamBatchInfo" in each]
        return any(datetime.fromisoformat(each) > began for each in times)

    with _failing_changes(stage):
        _uploaded(stage)
        stage.wait(is_kept, "the position is kept")


@flow
def webhook(stage: Stage) -> None:
    """An event is sent to the webhook's URL."""
    for enabled in (False, True):
        stage.enable_mapping("WebhookFunction", enabled=enabled)
    key, _ = _uploaded(stage)
    stage.wait(lambda: stage.receiver.has(key), "the webhook is received")
    stage.wait(lambda: _is_empty(stage, "WebhooksUrl"), "the queue of webhooks is empty")


@flow
def first_webhook(stage: Stage) -> None:
    """A new environment of the webhooks' function reads the secret and sends an event."""
    _restart(stage, "WebhookFunction")
    key, _ = _uploaded(stage)
    stage.wait(lambda: stage.receiver.has(key), "the webhook is received")


@flow
def failed_webhook(stage: Stage) -> None:
    """The webhook's URL does not accept an event, which is sent again after a few seconds."""
    with stage.receiver.failing():
        key, _ = _uploaded(stage)
        stage.wait(lambda: stage.receiver.has_refused(key), "the webhook is refused")
    stage.wait(lambda: stage.receiver.has(key), "the webhook is received")


@flow
def expiry(stage: Stage) -> None:
    """A function has crashed after it had recorded its failure, which becomes the outcome."""
    key, entry = _uploaded(stage)
    failure = {"code": "too-costly", "message": "It needed too much memory."}
    attempt = {"status": "processing", "lease": 1.0, "attempts": 1, "in_advance": failure}
    item: Any = {**entry, **attempt}
    catalog = stage.cloud.catalog
    catalog.dynamodb.put_item(TableName=catalog.table, Item=serialize(item))
    stage.wait(
        lambda: (catalog.get(key) or {}).get("status") == "failed", "the failure is recorded"
    )
    stage.wait(lambda: "failed" in stage.inbox.statuses(key), "the failure is sent")


# --- Cold starts -----------------------------------------------------------------------------


@flow
def cold_start_of_process(stage: Stage) -> None:
    """A new environment of the queue's function logs its first image."""
    _restart(stage, "ProcessFunction")
    key = stage.key()
    stage.put(key, photo())
    _is_logged(stage, "process", key)


@flow
def cold_start_of_workflow(stage: Stage) -> None:
    """A new environment of the workflow's function logs its first step."""
    key, before = _uploaded(stage)
    _restart(stage, "WorkflowFunction")
    stage.start(_newer(key, before))
    _is_logged(stage, "workflow", key)


@flow
def cold_start_of_api(stage: Stage) -> None:
    """A new environment of the API's function logs its first request."""
    _restart(stage, "ApiFunction")
    key = stage.key()
    stage.api_status(key)
    _is_logged(stage, "api", key)


@flow
def cold_start_of_changes(stage: Stage) -> None:
    """A new environment of the function of events logs its first event."""
    _restart(stage, "ChangesFunction")
    key, _ = _uploaded(stage)
    _is_logged(stage, "changes", key)


@flow
def cold_start_of_webhook(stage: Stage) -> None:
    """A new environment of the webhooks' function logs its first event."""
    _restart(stage, "WebhookFunction")
    key, _ = _uploaded(stage)
    _is_logged(stage, "webhook", key)


@flow
def cold_start_of_variant(stage: Stage) -> None:
    """A new environment of the variants' function logs its first request."""
    key, _ = _uploaded(stage)
    _restart(stage, "VariantFunction")
    Viewer(stage.cloud).get("w_40", key)
    _is_logged(stage, "variant", key)


# --- Parts -----------------------------------------------------------------------------------


def photo() -> bytes:
    """Return a small image, which no other flow has."""
    return patchwork(uuid.uuid4().hex, (96, 64))


def _uploaded(stage: Stage) -> tuple[str, Entry]:
    key = stage.key()
    stage.put(key, photo())
    return key, stage.becomes(key, "done")


@contextmanager
def _failing_changes(stage: Stage) -> Iterator[None]:
    """Let the function of events fail, and its mapping give up, while the context lasts."""
    client: Any = boto3.client("lambda")
    function = stage.cloud.outputs["ChangesFunction"]
    (mapping,) = client.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    handler = client.get_function_configuration(FunctionName=function)["Handler"]

    def configure(handler: str, retries: int) -> None:
        client.update_function_configuration(FunctionName=function, Handler=handler)
        updated = client.get_waiter("function_updated_v2")
        updated.wait(FunctionName=function, WaiterConfig={"Delay": 1})
        stage.enable_mapping("ChangesFunction", enabled=False)
        client.update_event_source_mapping(UUID=mapping["UUID"], MaximumRetryAttempts=retries)
        stage.enable_mapping("ChangesFunction", enabled=True)

    try:
        configure("never.called", 0)
        yield
    finally:
        configure(handler, mapping["MaximumRetryAttempts"])


@contextmanager
def _unversioned(stage: Stage) -> Iterator[None]:
    """Suspend the versioning of originals while the context lasts."""
    bucket = stage.cloud.outputs["RawBucket"]
    stage.cloud.s3.put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
    )
    try:
        yield
    finally:
        stage.cloud.s3.put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
        )


def _held(stage: Stage) -> tuple[str, str]:
    """Return the key of a held image, and its execution."""
    key, data = stage.key(), photo()
    with flagged(data, "Violence", 97.5, stage.trace.endpoint):
        stage.put(key, data)

        def found() -> Entry | None:
            entry = stage.entry(key)
            return entry if entry and "review_token" in entry else None

        entry = stage.wait(found, "the image is held")
    assert entry
    return key, entry["execution"]


def _forget_analysis(stage: Stage, key: str) -> None:
    """Let the next attempt ask Rekognition again."""
    stage.cloud.catalog.dynamodb.update_item(
        TableName=stage.cloud.catalog.table,
        Key={"filename": {"S": key}},
        UpdateExpression="REMOVE analysis, label_names",
    )


def _decide(stage: Stage, key: str, decision: str) -> None:
    stage.api("POST", f"images/{path_of(key)}/review", {"decision": decision}, status=202)


def _ask(stage: Stage, key: str, recipe: str = "") -> str:
    body = {"recipe": recipe} if recipe else {}
    path = f"images/{path_of(key)}/process?workflow=full"
    return str(stage.api("POST", path, body, status=202)["execution"])


def _newer(key: str, before: Entry) -> Change:
    return new_request(key, before["timestamp"], before["sequencer"])


def _request(stage: Stage, key: str, before: Entry, recipe: str | None = None) -> str:
    request = replace(_newer(key, before), recipe=recipe)
    return message_of(stage.cloud.outputs["RawBucket"], request)


def _recipe(image: str) -> str:
    mark = {"image": image}
    return json.dumps({"renditions": [{"name": "thumb", "watermark": mark, "output": WEBP}]})


WEBP = {"format": "webp"}


def _image_of_site(stage: Stage) -> str:
    key = f"marks/{uuid.uuid4().hex}.jpg"
    stage.cloud.s3.put_object(Bucket=stage.cloud.outputs["SiteBucket"], Key=key, Body=photo())
    return f"site:{key}"


def _lacks_watermark(stage: Stage, key: str) -> None:
    def code() -> str:
        entry: Any = stage.entry(key) or {}
        return str(entry.get("failed_request", {}).get("code", ""))

    if (found := stage.wait(code, "the request fails")) != MISSING_IMAGE:
        raise FlowFailedError(f"The request has failed with {found}")


def _is_empty(stage: Stage, queue: str) -> bool:
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = stage.cloud.sqs.get_queue_attributes(
        QueueUrl=stage.cloud.outputs[queue], AttributeNames=names
    )
    return all(found["Attributes"][name] == "0" for name in names)


def _is_drained(stage: Stage) -> bool:
    depths = stage.cloud.queue_depths()
    return depths["waiting"] == depths["in flight"] == 0


def _restore(stage: Stage, entry: Entry, deleted: Entry) -> None:
    item: Any = {**entry, "sequencer": deleted["sequencer"]}
    stage.cloud.catalog.dynamodb.put_item(TableName=stage.cloud.catalog.table, Item=serialize(item))


def _restart(stage: Stage, function: str) -> None:
    """Let a function's next invocation start a new environment."""
    client = boto3.client("lambda")
    name = stage.cloud.outputs[function]
    client.update_function_configuration(FunctionName=name, Description=uuid.uuid4().hex)

    def is_updated() -> bool:
        found = client.get_function_configuration(FunctionName=name)
        return found["LastUpdateStatus"] == "Successful"

    stage.wait(is_updated, f"{name} is updated")


def _is_logged(stage: Stage, function: str, key: str) -> None:
    """Wait until a function's log has a key."""
    stage.wait(lambda: _has_line(stage, function, key), f"the log of {function} has {key}")


def _has_line(stage: Stage, function: str, *texts: str) -> bool:
    """Return whether a line of a function's log has all texts."""
    pages = (
        boto3.client("logs")
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=f"/aws/lambda/{stage.stack}-{function}",
            startTime=int((time.time() - 2 * LIMIT) * 1000),
        )
    )
    messages = (event["message"] for page in pages for event in page["events"])
    return any(all(text in message for text in texts) for message in messages)
