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
    """A bucket of a test's own."""

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
        """Delete an object on a condition; return what went wrong, or nothing."""
        return failure(
            lambda: self.s3.delete_object(Bucket=self.name, Key=key, IfMatch=etag, **options)
        )

    def exists(self, key: str) -> bool:
        """Say whether the object is there."""
        return not failure(lambda: self.s3.head_object(Bucket=self.name, Key=key))


def failure(request: Callable[[], Any]) -> str:
    """Make a request; return status and code of its error, or nothing."""
    try:
        request()
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return f"{status} {error.response['Error']['Code']}"
    return ""


def at_once[T](action: Callable[..., T], calls: list[tuple[str, ...]]) -> list[T]:
    """Do all at the same time; return what they returned."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: action(*call), calls))


_numbers = itertools.count()


@pytest.fixture(params=[False, True], ids=["unversioned", "versioned"])
def bucket(emulator: LocalStack, request: pytest.FixtureRequest) -> Bucket:
    """Give a bucket."""
    name = f"conditions-{next(_numbers)}"
    return Bucket(emulator.client("s3"), name, versioned=request.param)


def test_delete_of_the_object_that_was_seen(bucket: Bucket) -> None:
    """A delete on the ETag of the object that is there succeeds, with quotes or without."""
    for form in (str, lambda etag: etag.strip('"')):
        etag = bucket.put("key", "1")
        assert bucket.delete("key", form(etag)) == ""
        assert not bucket.exists("key")


def test_delete_of_another_object(bucket: Bucket) -> None:
    """A delete on the ETag of an object that was replaced fails with 412 and deletes nothing."""
    etag = bucket.put("key", "1")
    bucket.put("key", "2")
    assert bucket.delete("key", etag) == "412 PreconditionFailed"
    assert bucket.exists("key")


def test_delete_of_any_object(bucket: Bucket) -> None:
    """A delete on * succeeds if there is an object."""
    bucket.put("key", "1")
    assert bucket.delete("key", "*") == ""
    assert not bucket.exists("key")


@pytest.mark.parametrize("etag", ["*", '"d41d8cd98f00b204e9800998ecf8427e"'])
def test_delete_of_nothing(bucket: Bucket, etag: str) -> None:
    """A conditional delete fails with 404 if there is no object, never was or no longer."""
    assert bucket.delete("key", etag) == "404 NoSuchKey"
    bucket.put("key", "")
    assert bucket.delete("key", etag) == ""
    assert bucket.delete("key", etag) == "404 NoSuchKey"


def test_delete_of_a_version_on_a_condition(emulator: LocalStack) -> None:
    """A delete of a named version takes no condition, as on AWS."""
    bucket = Bucket(emulator.client("s3"), f"conditions-{next(_numbers)}", versioned=True)
    etag = bucket.put("key", "1")
    version = bucket.s3.head_object(Bucket=bucket.name, Key="key")["VersionId"]
    assert bucket.delete("key", etag, VersionId=version) == "501 NotImplemented"
    assert bucket.exists("key")


def test_delete_of_many_on_conditions(bucket: Bucket) -> None:
    """Of many objects, those are deleted whose condition holds; each other one has its error."""
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


def test_only_one_creates(bucket: Bucket) -> None:
    """Of writes at the same time that all want to create a key, one does, and its bytes stay."""

    def create(key: str, body: str) -> str:
        return failure(lambda: bucket.put(key, body, IfNoneMatch="*"))

    for number in range(ROUNDS):
        key = f"key{number}"
        results = at_once(create, [(key, f"{body}") for body in range(THREADS)])
        assert sorted(results) == ["", *["412 PreconditionFailed"] * (THREADS - 1)]
        body = bucket.s3.get_object(Bucket=bucket.name, Key=key)["Body"].read()
        assert body == f"{results.index('')}".encode()


def test_only_one_replaces(bucket: Bucket) -> None:
    """Of writes at the same time that all want to replace one object, one does."""

    def replace(body: str, etag: str) -> str:
        return failure(lambda: bucket.put("key", body, IfMatch=etag))

    etag = bucket.put("key", "first")
    for number in range(ROUNDS):
        results = at_once(replace, [(f"{number} {body}", etag) for body in range(THREADS)])
        assert sorted(results) == ["", *["412 PreconditionFailed"] * (THREADS - 1)]
        response = bucket.s3.get_object(Bucket=bucket.name, Key="key")
        assert response["Body"].read() == f"{number} {results.index('')}".encode()
        etag = response["ETag"]


def test_replaced_or_deleted(bucket: Bucket) -> None:
    """Of a write and a delete at the same time, both of the same object, one succeeds."""

    def replace_or_delete(body: str, etag: str) -> str:
        if not body:
            return bucket.delete("key", etag)
        return failure(lambda: bucket.put("key", body, IfMatch=etag))

    for number in range(ROUNDS):
        etag = bucket.put("key", f"{number}")
        results = at_once(replace_or_delete, [(f"{number} new", etag), ("", etag)])
        assert results in (["", "412 PreconditionFailed"], ["404 NoSuchKey", ""])
        assert bucket.exists("key") == (results[0] == "")


def test_writes_and_removals_at_the_same_time(bucket: Bucket) -> None:
    """Unconditional writes and removals of one key, all at the same time, all succeed."""

    def write_and_delete(body: str) -> None:
        for _ in range(ROUNDS):
            bucket.put("key", body)
            bucket.s3.delete_object(Bucket=bucket.name, Key="key")

    at_once(write_and_delete, [(f"{body}",) for body in range(THREADS)])
    assert not bucket.exists("key")
