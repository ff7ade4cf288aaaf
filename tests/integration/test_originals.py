"""Originals that S3 stores in other ways: archived, encrypted, encoded, and markers of folders."""

import gzip
import secrets
from collections.abc import Callable

import pytest

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry
from tests.integration.conftest import SAMPLES

ORIGINAL = (SAMPLES / "flower.jpg").read_bytes()

Outcome = Callable[..., Entry]


@pytest.fixture
def bucket(cloud: Cloud) -> str:
    """Give the raw bucket's name."""
    return cloud.outputs["RawBucket"]


def test_an_archived_original(cloud: Cloud, bucket: str, outcome: Outcome, key: str) -> None:
    """It fails once, with advice, and is processed when S3 has restored it."""
    cloud.s3.put_object(Bucket=bucket, Key=key, Body=ORIGINAL, StorageClass="GLACIER")
    archived = outcome(key)
    assert archived["error"]["code"] == "archived"
    cloud.s3.restore_object(
        Bucket=bucket,
        Key=key,
        RestoreRequest={"Days": 1, "GlacierJobParameters": {"Tier": "Expedited"}},
    )
    assert outcome(key, archived)["status"] == "done"


def test_an_original_with_its_uploaders_key(
    cloud: Cloud, bucket: str, outcome: Outcome, key: str
) -> None:
    """SSE-C: nobody else can read it, at any attempt."""
    cloud.s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=ORIGINAL,
        SSECustomerAlgorithm="AES256",
        SSECustomerKey=secrets.token_bytes(32),
    )
    entry = outcome(key)
    assert entry["error"]["code"] == "forbidden"
    assert "SSE-C" in entry["error"]["message"]


@pytest.mark.contract
def test_an_original_with_a_content_encoding(
    cloud: Cloud, bucket: str, outcome: Outcome, key: str
) -> None:
    """A body that was stored compressed is decoded."""
    body = gzip.compress(ORIGINAL)
    cloud.s3.put_object(Bucket=bucket, Key=key, Body=body, ContentEncoding="gzip")
    entry = outcome(key)
    assert entry["status"] == "done", entry
    assert entry["size"] == len(body)


@pytest.mark.contract
def test_a_folder_marker(
    cloud: Cloud, bucket: str, outcome: Outcome, drained: Callable[[], None], prefix: str
) -> None:
    """A folder that S3's console creates is acknowledged, without an entry."""
    image = f"{prefix}a.jpg"
    cloud.s3.put_object(Bucket=bucket, Key=prefix, Body=b"")
    cloud.s3.put_object(Bucket=bucket, Key=image, Body=ORIGINAL)
    assert outcome(image)["status"] == "done"
    drained()
    assert cloud.catalog.get(prefix) is None
    assert [each.key for each in cloud.objects("RawBucket", prefix)] == [image]
