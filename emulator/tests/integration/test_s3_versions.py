"""Versions of objects: restored, listed and deleted."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .localstack import LocalStack
from .waiting import wait_for

Place = dict[str, str]


@pytest.fixture
def s3(emulator: LocalStack) -> Any:
    """Return a client."""
    return emulator.client("s3")


@pytest.fixture
def place(s3: Any, request: pytest.FixtureRequest) -> Place:
    """Return a key in a versioned bucket of the test's own."""
    bucket = request.node.name.replace("_", "-")[:60].strip("-")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return {"Bucket": bucket, "Key": "folder/key"}


def test_a_copy_restores_a_deleted_version(s3: Any, place: Place) -> None:
    """A version behind a delete marker is copied onto its key, with its metadata."""
    old = s3.put_object(**place, Body=b"old", ContentType="image/png", Metadata={"a": "b"})
    marker = s3.delete_object(**place)
    assert marker["DeleteMarker"]
    copied = s3.copy_object(**place, CopySource={**place, "VersionId": old["VersionId"]})
    found = s3.get_object(**place)
    assert found["Body"].read() == b"old"
    assert (found["ContentType"], found["Metadata"]) == ("image/png", {"a": "b"})
    assert found["VersionId"] == copied["VersionId"] != old["VersionId"]
    assert copied["CopySourceVersionId"] == old["VersionId"]


def test_a_copy_restores_an_older_version(s3: Any, place: Place) -> None:
    """An older version is copied onto a key that exists; all versions stay."""
    old = s3.put_object(**place, Body=b"old")
    s3.put_object(**place, Body=b"new")
    s3.copy_object(**place, CopySource={**place, "VersionId": old["VersionId"]})
    assert s3.get_object(**place)["Body"].read() == b"old"
    versions = s3.list_object_versions(Bucket=place["Bucket"])["Versions"]
    assert [each["Size"] for each in versions] == [3, 3, 3]
    assert [each["IsLatest"] for each in versions] == [True, False, False]


def test_a_copy_of_the_current_version_onto_itself_is_refused(s3: Any, place: Place) -> None:
    """A copy of the current version that changes nothing is an invalid request."""
    now = s3.put_object(**place, Body=b"now")
    with pytest.raises(ClientError) as raised:
        s3.copy_object(**place, CopySource={**place, "VersionId": now["VersionId"]})
    assert raised.value.response["Error"]["Code"] == "InvalidRequest"


def test_a_delete_marker_is_no_source_of_a_copy(s3: Any, place: Place) -> None:
    """A copy of a delete marker is an invalid request."""
    s3.put_object(**place, Body=b"old")
    marker = s3.delete_object(**place)["VersionId"]
    with pytest.raises(ClientError) as raised:
        s3.copy_object(**place, CopySource={**place, "VersionId": marker})
    assert raised.value.response["Error"]["Code"] == "InvalidRequest"


def test_the_version_before_a_deleted_one_becomes_current(s3: Any, place: Place) -> None:
    """When the latest version or delete marker is deleted by its ID, the one before is current."""
    s3.put_object(**place, Body=b"old")
    new = s3.put_object(**place, Body=b"new")["VersionId"]
    marker = s3.delete_object(**place)["VersionId"]
    with pytest.raises(ClientError) as raised:
        s3.get_object(**place)
    assert raised.value.response["Error"]["Code"] == "NoSuchKey"
    s3.delete_object(**place, VersionId=marker)
    assert s3.get_object(**place)["Body"].read() == b"new"
    s3.delete_object(**place, VersionId=new)
    assert s3.get_object(**place)["Body"].read() == b"old"
    (left,) = s3.list_object_versions(Bucket=place["Bucket"])["Versions"]
    assert left["IsLatest"]


def test_versions_are_listed_in_pages(s3: Any, place: Place) -> None:
    """Pages of versions have each version and marker once, the latest of a key first."""
    for key in ("a", "a b/ü", "b"):
        for body in (b"1", b"12", b"123"):
            s3.put_object(Bucket=place["Bucket"], Key=key, Body=body)
        s3.delete_object(Bucket=place["Bucket"], Key=key)
    pages = s3.get_paginator("list_object_versions").paginate(
        Bucket=place["Bucket"], PaginationConfig={"PageSize": 2}
    )
    versions, markers = [], []
    for page in pages:
        versions += [(each["Key"], each["Size"]) for each in page.get("Versions", [])]
        markers += [(each["Key"], each["IsLatest"]) for each in page.get("DeleteMarkers", [])]
    assert versions == [(key, size) for key in ("a", "a b/ü", "b") for size in (3, 2, 1)]
    assert markers == [("a", True), ("a b/ü", True), ("b", True)]
    after = s3.list_object_versions(Bucket=place["Bucket"], KeyMarker="a")
    assert {each["Key"] for each in after["Versions"]} == {"a b/ü", "b"}


def test_events_have_version_ids(emulator: LocalStack, s3: Any, place: Place) -> None:
    """Events of a versioned bucket name the version or marker, and their sequencers increase."""
    sqs, queue = emulator.client("sqs"), emulator.create_queue("versions")
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    configuration = {"QueueConfigurations": [{"QueueArn": arn["QueueArn"], "Events": events}]}
    s3.put_bucket_notification_configuration(
        Bucket=place["Bucket"], NotificationConfiguration=configuration
    )
    old = s3.put_object(**place, Body=b"old")["VersionId"]
    marker = s3.delete_object(**place)["VersionId"]
    new = s3.copy_object(**place, CopySource={**place, "VersionId": old})["VersionId"]
    s3.delete_object(**place, VersionId=marker)
    s3.delete_object(**place, VersionId=new)
    records: list[dict[str, Any]] = []

    def receive() -> bool:
        response = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        for message in response.get("Messages", []):
            records.extend(json.loads(message["Body"]).get("Records", []))
        return len(records) >= 5

    wait_for(receive)
    records.sort(key=lambda record: int(record["s3"]["object"]["sequencer"], 16))
    assert [(each["eventName"], each["s3"]["object"]["versionId"]) for each in records] == [
        ("ObjectCreated:Put", old),
        ("ObjectRemoved:DeleteMarkerCreated", marker),
        ("ObjectCreated:Copy", new),
        ("ObjectRemoved:Delete", marker),
        ("ObjectRemoved:Delete", new),
    ]
