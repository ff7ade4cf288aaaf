"""Requests that cannot be fulfilled, and what is published meanwhile and afterwards."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import boto3
import pytest

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry

from .conftest import Run
from .site import Site

pytestmark = pytest.mark.contract

Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]

TOO_LARGE = {
    "renditions": [
        {"name": "web", "resize": {"width": 64}, "output": {"format": "jpeg"}},
        {
            "name": "poster",
            "resize": {"width": 9999, "enlarge": True},
            "output": {"format": "png"},
        },
    ]
}
OWN = ("version", "updated", "failed_request", "execution")
"""What the API tells of an image that a failed request changes."""


def lasting(image: dict[str, Any]) -> dict[str, Any]:
    """What has to stay."""
    return {name: each for name, each in image.items() if name not in OWN}


def bytes_of(site: Site, image: dict[str, Any]) -> list[bytes]:
    """All renditions, as the CDN has them, past its cache."""
    found = []
    for each in image["renditions"]:
        response = site.get(f"{each['path']}-{image['version'][-16:]}")
        assert response.status_code == 200, each["path"]
        found.append(response.content)
    return found


def process(site: Site, key: str, body: object, workflow: str = "") -> dict[str, Any]:
    """Ask by the API, and return what it tells in the end."""
    path = f"images/{quote(key, safe='')}/process{workflow}"
    said = site.api("POST", path, body)
    assert said.status_code == 202, said.text
    return site.ended(key, said.json()["version"])


def test_a_rendition_that_is_too_large(
    site: Site, run: Run, put: Put, sample: Sample, key: str
) -> None:
    """What is published stays, byte for byte, and the failed request stands beside it."""
    put(key, sample("flower.jpg"))
    before = site.ended(key)
    published = bytes_of(site, before)
    for workflow in ("", "?workflow=full"):
        image = process(site, key, {"recipe": TOO_LARGE}, workflow)
        assert lasting(image) == lasting(before)
        assert bytes_of(site, image) == published
        failed = image["failed_request"]
        assert failed["code"] == "too-large-rendition"
        assert "'poster'" in failed["message"]
        assert [each["name"] for each in failed["recipe"]["renditions"]] == ["web", "poster"]
        shown = run("show", key).stdout
        assert "too-large-rendition" in shown
        assert "web" in shown
    assert "request failed" in run("ls").stdout
    image = process(site, key, {"recipe": "avatar"})
    assert "failed_request" not in image
    assert image["recipe"] == "avatar"


def test_reprocess_with_an_archived_original(
    cloud: Cloud, run: Run, put: Put, outcome: Outcome, sample: Sample, prefix: str
) -> None:
    """Nothing can be made again, and nothing is unpublished; neither by archiving it."""
    key = f"{prefix}old.jpg"
    put(key, sample("flower.jpg"))
    before = outcome(key)
    bucket = cloud.outputs["RawBucket"]
    boto3.client("s3").copy_object(
        Bucket=bucket,
        Key=key,
        CopySource={"Bucket": bucket, "Key": key},
        StorageClass="GLACIER",
        MetadataDirective="COPY",
    )
    archived = outcome(key, after=before)
    assert run("reprocess", prefix).returncode == 0
    asked = outcome(key, after=archived)
    for entry in (archived, asked):
        assert (entry["status"], entry["failed_request"]["code"]) == ("done", "archived")
        assert entry["renditions"] == before["renditions"]
    stored = cloud.s3.list_objects_v2(
        Bucket=cloud.outputs["ProcessedBucket"], Prefix=f"processed/{key}/"
    )
    assert {each["Key"]: each["ETag"].strip('"') for each in stored["Contents"]} == {
        each["key"]: each["etag"] for each in before["renditions"]
    }
    checked = run("check", prefix)
    assert checked.returncode == 0, checked
