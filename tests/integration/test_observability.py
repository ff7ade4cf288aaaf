"""One picture's lines, from its presigning to its outcome."""

import io
import json
import re
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from PIL import Image

from darkroom.cloud import Cloud
from darkroom.operations.logs import (
    Line,
    LogFilter,
    read_logs,
)

from .conftest import Run
from .site import Site
from .waiting import wait_for

pytestmark = pytest.mark.contract

GPS, ARTIST = 0x8825, 0x013B
PLACE = {1: "N", 2: (52.0, 31.0, 12.5625), 3: "E", 4: (13.0, 24.0, 18.4375)}


def photograph() -> bytes:
    """A JPEG that says where it was taken, and by whom."""
    exif = Image.Exif()
    exif[GPS] = PLACE
    exif[ARTIST] = "Jane Undisclosed"
    file = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(file, "JPEG", exif=exif)
    return file.getvalue()


def lines(cloud: Cloud, selection: LogFilter) -> list[Line]:
    """What both functions have said lately."""
    groups = [cloud.outputs["LogGroup"], cloud.outputs["ApiLogGroup"]]
    return list(read_logs(boto3.client("logs"), groups, 300, selection))


def of_the_event(cloud: Cloud, key: str) -> list[Line]:
    """What the function of events has said about a picture, once it has sent its event."""
    logs = boto3.client("logs")
    groups = [cloud.outputs["ChangesLogGroup"]]
    return wait_for(lambda: list(read_logs(logs, groups, 300, LogFilter(image=key))))


def ended(cloud: Cloud, key: str) -> list[Line]:
    """All lines about a picture, once they say how it ended: they come after the outcome."""

    def found() -> list[Line]:
        told = lines(cloud, LogFilter(image=key))
        is_over = {"done", "failed"} & {line.record["message"] for line in told}
        return told if is_over else []

    return wait_for(found)


def test_one_id_from_the_presigning_to_the_catalog(site: Site, cloud: Cloud) -> None:
    """The API makes it; the form, every line, the entry and the API's answer have it."""
    leave = site.leave("beach.jpg")
    correlation_id = leave["fields"]["x-amz-meta-correlation-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", correlation_id)
    data = photograph()
    assert site.send(leave, data).status_code == 204
    image: dict[str, Any] = site.ended(leave["key"])
    assert (image["status"], image["correlation_id"]) == ("done", correlation_id)
    told = ended(cloud, leave["key"])
    assert {line.record["correlation_id"] for line in told} == {correlation_id}
    messages = [line.record["message"] for line in told if line.record["message"] != "request"]
    assert messages == ["presigned", "begun", "done"]

    everything = "\n".join(line.text for line in lines(cloud, LogFilter(metrics=True)))
    assert leave["key"] in everything
    assert "START RequestId" in everything
    assert "REPORT RequestId" in everything
    secrets = [leave["fields"][name] for name in ("policy", "x-amz-signature")]
    secrets += [leave["fields"]["x-amz-credential"], "Undisclosed", "12.5625", "18.4375", "GPS"]
    for secret in secrets:
        assert secret not in everything


def test_an_upload_without_its_id_is_refused(site: Site) -> None:
    """The id is a condition of the presigned POST, and so is its value."""
    for change in ({}, {"x-amz-meta-correlation-id": "0" * 32}):
        leave = site.leave("beach.jpg")
        fields = {**leave["fields"]}
        del fields["x-amz-meta-correlation-id"]
        changed = {**leave, "fields": {**fields, **change}}
        assert site.send(changed, photograph()).status_code == 403


def test_the_metrics_of_a_picture_are_in_the_log(
    cloud: Cloud, key: str, put: Callable[[str, bytes], None]
) -> None:
    """Embedded documents, under the stack's name."""
    put(key, photograph())
    ended(cloud, key)
    stack = cloud.outputs["ProcessFunction"].removesuffix("-process")

    def documents() -> list[dict[str, Any]]:
        found = [line for line in lines(cloud, LogFilter(metrics=True)) if line.is_metric]
        return [json.loads(line.text) for line in found if '"ImagesDone"' in line.text]

    assert all(each["Stack"] == stack for each in wait_for(documents))


def test_the_commands(cloud: Cloud, key: str, put: Callable[[str, bytes], None], run: Run) -> None:
    """`logs --image` tells of one picture alone, `trace` draws its way, with where it failed."""
    put(key, b"no picture")
    ended(cloud, key)
    assert [each.record["message"] for each in of_the_event(cloud, key)] == ["event sent"]
    told = run("logs", "--image", key, "--level", "warning").stdout.splitlines()
    assert len(told) == 1
    assert f"WARNING failed {key} code=unsupported-format stage=inspect" in told[0]
    raw = run("logs", "--image", key, "--json").stdout.splitlines()
    assert [json.loads(line)["message"] for line in raw] == ["begun", "failed", "event sent"]
    every = [json.loads(line) for line in run("logs", "--json").stdout.splitlines()]
    assert any(each.get("message", "").startswith("REPORT") for each in every)
    assert all("_aws" in each or {"timestamp", "level", "message"} <= each.keys() for each in every)
    drawn = run("trace", key).stdout
    assert "attempt 1: failed (unsupported-format)" in drawn
    assert re.search(r"inspect .*failed here", drawn)
    assert "no entry 'nobody.jpg'" in run("trace", "nobody.jpg").stderr
    assert "such as 90s" in run("logs", "--since", "soon").stderr
    assert "Use at most" in run("logs", "--since", "99999999999d").stderr
