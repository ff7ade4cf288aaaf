"""Listings in pages, with keys that need encoding."""

from collections.abc import Iterator
from typing import Any

import pytest

from .localstack import LocalStack

KEYS = sorted(
    [
        "a b",
        "a+b",
        "a/b",
        "a%41",
        "a@2x",
        "a-b",
        "ab",
        "a~",
        "ünï 漢字 😀.jpg",
        "b'\"<&>",
        "z",
    ],
    key=str.encode,
)


@pytest.fixture
def s3(emulator: LocalStack) -> Any:
    """Return a client."""
    return emulator.client("s3")


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    """Yield a bucket that holds the keys."""
    s3.create_bucket(Bucket="listing")
    for key in KEYS:
        s3.put_object(Bucket="listing", Key=key)
    yield "listing"
    for key in KEYS:
        s3.delete_object(Bucket="listing", Key=key)
    s3.delete_bucket(Bucket="listing")


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ("list_objects", "Contents"),
        ("list_objects_v2", "Contents"),
        ("list_object_versions", "Versions"),
    ],
)
def test_pages_contain_every_key_once(
    s3: Any, bucket: str, operation: str, field: str, size: int
) -> None:
    """Every key is listed once, in the order of its bytes, with any page size."""
    pages = s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={"PageSize": size})
    assert [each["Key"] for page in pages for each in page.get(field, ())] == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_start_after_takes_any_key(s3: Any, bucket: str, key: str) -> None:
    """A listing has exactly the keys after StartAfter."""
    response = s3.list_objects_v2(Bucket=bucket, StartAfter=key)
    assert [each["Key"] for each in response.get("Contents", ())] == KEYS[KEYS.index(key) + 1 :]
    assert response["StartAfter"] == key
