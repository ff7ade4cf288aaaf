"""Conditional writes and deletes, also concurrent ones."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .localstack import LocalStack

ROUNDS = 25
THREADS = 4


class Bucket:
    """A bucket of one test."""

    def __init__(self, s3: Any, name: str, *, versioned: bool) -> None:
        self.s3, self.name = s3, name
        s3.create_bucket(Bucket=name)
        if versioned:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})

    def put(self, key: str, body: str, **condition: str) -> str:
        """Put an object; return its ETag."""
        response = self.s3.put_object(Bucket=self.name, Key=key, Body=body.encode(), **condition)
        return str(response["ETag"])

    def delete(self, key: str, etag: str, **options: str) -> str:
        """Delete an object on a condition; return the error, or None."""
        return failure(
            lambda: self.s3.delete_object(Bucket=self.name, Key=key, IfMatch=etag, **options)
        )

    def exists(self, key: str) -> bool:
        """Return whether the object is there."""
        return not failure(lambda: self.s3.head_object(Bucket=self.name, Key=key))


def failure(request: Callable[[], Any]) -> str:
    """Send a request; return status and code of its error, or None."""
    try:
        request()
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return f"{status} {error.response['Error']['Code']}"
    return ""


def at_once[T](action: Callable[..., T], calls: list[tuple[str, ...]]) -> list[T]:
    """Run all functions concurrently; return their results."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: action(*call), calls))


_numbers = itertools.count()


@pytest.fixture(params=[False, True], ids=["unversioned", "versioned"])
def bucket(emulator: LocalStack, request: pytest.FixtureRequest) -> Bucket:
    """Return a bucket."""
    name = f"conditions-{next(_numbers)}"
    return Bucket(emulator.client("s3"), name, versioned=request.param)


def test_a_delete_on_the_current_etag_succeeds(bucket: Bucket) -> None:
    """A delete on the current object's ETag succeeds, with quotes or without."""
    for form in (str, lambda etag: etag.strip('"')):
        etag = bucket.put("key", "1")
        assert bucket.delete("key", form(etag)) == ""
        assert not bucket.exists("key")


def test_a_delete_on_an_old_etag_fails(bucket: Bucket) -> None:
    """A delete on the ETag of a replaced object fails with 412 and deletes nothing."""
    etag = bucket.put("key", "1")
    bucket.put("key", "2")
    assert bucket.delete("key", etag) == "412 PreconditionFailed"
    assert bucket.exists("key")


def test_a_delete_on_any_etag_needs_an_object(bucket: Bucket) -> None:
    """A delete on * succeeds if there is an object."""
    bucket.put("key", "1")
    assert bucket.delete("key", "*") == ""
    assert not bucket.exists("key")


@pytest.mark.parametrize("etag", ["*", '"d41d8cd98f00b204e9800998ecf8427e"'])
def test_a_conditional_delete_of_a_missing_object_fails(bucket: Bucket, etag: str) -> None:
    """A conditional delete fails with 404 if the object never existed or was deleted."""
    assert bucket.delete("key", etag) == "404 NoSuchKey"
    bucket.put("key", "")
    assert bucket.delete("key", etag) == ""
    assert bucket.delete("key", etag) == "404 NoSuchKey"


def test_a_delete_of_a_version_takes_no_condition(emulator: LocalStack) -> None:
    """A delete of a version with a condition is refused, as on AWS."""
    bucket = Bucket(emulator.client("s3"), f"conditions-{next(_numbers)}", versioned=True)
    etag = bucket.put("key", "1")
    version = bucket.s3.head_object(Bucket=bucket.name, Key="key")["VersionId"]
    assert bucket.delete("key", etag, VersionId=version) == "501 NotImplemented"
    assert bucket.exists("key")


def test_each_object_of_a_bulk_delete_has_its_condition(bucket: Bucket) -> None:
    """Of many objects, those are deleted whose condition holds; the others have errors."""
    etags = {key: bucket.put(key, key) for key in "abcd"}
    response = bucket.s3.delete_objects(
        Bucket=bucket.name,
        Delete={
            "Objects": [
                {"Key": "a", "ETag": etags["a"]},
                {"Key": "b", "ETag": etags["a"]},
                {"Key": "c", "ETag": "*"},
                {"Key": "d"},
                {"Key": "e", "ETag": etags["a"]},
            ]
        },
    )
    assert sorted(entry["Key"] for entry in response["Deleted"]) == ["a", "c", "d"]
    errors = {entry["Key"]: entry["Code"] for entry in response["Errors"]}
    assert errors == {"b": "PreconditionFailed", "e": "NoSuchKey"}
    assert [key for key in "abcde" if bucket.exists(key)] == ["b"]


def test_one_of_concurrent_creations_succeeds(bucket: Bucket) -> None:
    """Of concurrent writes that create a key, one succeeds, and its content remains."""

    def create(key: str, body: str) -> str:
        return failure(lambda: bucket.put(key, body, IfNoneMatch="*"))

    for number in range(ROUNDS):
        key = f"key{number}"
        results = at_once(create, [(key, f"{body}") for body in range(THREADS)])
        assert sorted(results) == ["", *["412 PreconditionFailed"] * (THREADS - 1)]
        body = bucket.s3.get_object(Bucket=bucket.name, Key=key)["Body"].read()
        assert body == f"{results.index('')}".encode()


def test_one_of_concurrent_replacements_succeeds(bucket: Bucket) -> None:
    """Of concurrent writes that replace one object, one succeeds."""

    def replace(body: str, etag: str) -> str:
        return failure(lambda: bucket.put("key", body, IfMatch=etag))

    etag = bucket.put("key", "first")
    for number in range(ROUNDS):
        results = at_once(replace, [(f"{number} {body}", etag) for body in range(THREADS)])
        assert sorted(results) == ["", *["412 PreconditionFailed"] * (THREADS - 1)]
        response = bucket.s3.get_object(Bucket=bucket.name, Key="key")
        assert response["Body"].read() == f"{number} {results.index('')}".encode()
        etag = response["ETag"]


@pytest.mark.parametrize("condition", [{"IfNoneMatch": "*"}, {"IfMatch": '"0"'}], ids=str)
def test_a_refused_write_keeps_the_content(bucket: Bucket, condition: dict[str, str]) -> None:
    """An object keeps its content when a conditional write or copy is refused."""
    bucket.put("key", "first")
    bucket.put("other", "other")
    s3, target = bucket.s3, {"Bucket": bucket.name, "Key": "key"}
    source = f"{bucket.name}/other"
    refused = "412 PreconditionFailed"
    assert failure(lambda: bucket.put("key", "second", **condition)) == refused
    assert failure(lambda: s3.copy_object(**target, CopySource=source, **condition)) == refused
    assert s3.get_object(**target)["Body"].read() == b"first"


def test_a_replacement_or_a_deletion_succeeds(bucket: Bucket) -> None:
    """Of a concurrent write and delete of the same object, one succeeds."""

    def replace_or_delete(body: str, etag: str) -> str:
        if not body:
            return bucket.delete("key", etag)
        return failure(lambda: bucket.put("key", body, IfMatch=etag))

    for number in range(ROUNDS):
        etag = bucket.put("key", f"{number}")
        results = at_once(replace_or_delete, [(f"{number} new", etag), ("", etag)])
        assert results in (["", "412 PreconditionFailed"], ["404 NoSuchKey", ""])
        assert bucket.exists("key") == (results[0] == "")


def test_unconditional_writes_and_deletes_succeed(bucket: Bucket) -> None:
    """Concurrent unconditional writes and deletes of one key all succeed."""

    def write_and_delete(body: str) -> None:
        for _ in range(ROUNDS):
            bucket.put("key", body)
            bucket.s3.delete_object(Bucket=bucket.name, Key="key")

    at_once(write_and_delete, [(f"{body}",) for body in range(THREADS)])
    assert not bucket.exists("key")
