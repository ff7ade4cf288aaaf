"""Originals that expire, on a deployed stack. The emulator runs no lifecycle rules: the test
deletes the original without a notification, and sends S3's report.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from darkroom.cloud import Cloud
from darkroom.operations.sqs_sender import send
from localstack_init.deploy import deploy
from processor.catalog.entries import Entry
from tests.speed import LIMIT

from .conftest import Run, new_deployment
from .localstack import LocalStack
from .site import Site
from .test_undelete import stored
from .variants import Viewer
from .waiting import wait_for


@pytest.fixture(scope="module")
def cloud(own_localstack: LocalStack | None, endpoint: str) -> Cloud:
    """Return a stack whose originals expire after a day."""
    if own_localstack is None:
        pytest.skip("nothing expires at once there")
    assert endpoint
    usual = new_deployment()
    deployment = replace(usual, parameters={**usual.parameters, "OriginalsRetention": "1"})
    said: list[str] = []
    return Cloud(deploy(deployment, said.append))


def expire(cloud: Cloud, key: str) -> None:
    """Delete an original as S3's lifecycle rule does, and send S3's event."""
    s3: Any = cloud.s3
    bucket = cloud.outputs["RawBucket"]
    configured = s3.get_bucket_notification_configuration(Bucket=bucket)
    configured.pop("ResponseMetadata")
    events = [event for each in configured["QueueConfigurations"] for event in each["Events"]]
    assert "s3:LifecycleExpiration:*" in events
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    s3.delete_object(Bucket=bucket, Key=key)
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configured)
    record = {
        "eventVersion": "2.3",
        "eventSource": "aws:s3",
        "eventTime": "2026-05-02T00:00:00.000Z",
        "eventName": "LifecycleExpiration:Delete",
        "s3": {"bucket": {"name": bucket}, "object": {"key": quote(key)}},
    }
    send(cloud.sqs, cloud.outputs["QueueUrl"], [json.dumps({"Records": [record]})])


def test_an_expired_original(
    cloud: Cloud,
    key: str,
    put: Callable[[str, bytes], None],
    outcome: Callable[..., Entry],
    sample: Callable[[str], bytes],
    run: Run,
) -> None:
    """Its image stays, says so, and what needs the original is refused with the reason."""
    put(key, sample("flower.jpg"))
    before = outcome(key)
    expire(cloud, key)
    wait_for(lambda: cloud.entry(key).get("original") == "expired")
    assert len(stored(cloud, key)) == len(before["renditions"])
    with httpx.Client(timeout=LIMIT) as http:
        site = Site(cloud.outputs["SiteUrl"], http)
        path = f"images/{quote(key, safe='')}"
        refused = [
            site.api("POST", f"{path}/process", {}),
            site.api("POST", f"{path}/process?workflow=full", {}),
            site.api("PATCH", path, {"focal_point": {"x": 0, "y": 0}}, **{"if-match": "*"}),
        ]
        assert {(each.status_code, each.json()["code"]) for each in refused} == {
            (409, "original-expired")
        }
        variant = Viewer(cloud).get("w_320", key)
        assert (variant.status_code, variant.json()["code"]) == (410, "original-expired")
    assert "expired" in run("show", key).stdout
    focused = run("set", key, "--focal-point", "0,0")
    assert (focused.returncode, "has expired" in focused.stderr) == (1, True), focused.stderr
    assert "deletes originals after 1 day" in run("reprocess", key).stdout
    checked = run("check", key)
    assert (checked.returncode, "consistent" in checked.stdout) == (0, True), checked.stdout
    assert run("rm", key, "--yes").returncode == 0
    assert not stored(cloud, key)
