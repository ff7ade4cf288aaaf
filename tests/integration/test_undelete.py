"""Undelete: originals in a versioned bucket are deleted, restored, and deleted for good."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from darkroom.cloud import Cloud
from localstack_init.deploy import deploy, destroy
from processor.catalog.attributes import serialize
from processor.catalog.entries import Entry
from tests.speed import LIMIT

from .conftest import SAMPLES, Run, new_deployment
from .localstack import LocalStack
from .site import Site
from .test_hostile_names import NAMES, check
from .workflow.bench import path_of

Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]


def versioned() -> tuple[str, Cloud]:
    """Deploy a stack whose bucket of originals has versions, with presets; return its name."""
    usual = new_deployment()
    deployment = replace(
        usual, parameters={**usual.parameters, "UndeleteDays": "7", "Variants": "presets"}
    )
    said: list[str] = []
    return deployment.stack, Cloud(deploy(deployment, said.append))


@pytest.fixture(scope="module")
def cloud(own_localstack: LocalStack | None, endpoint: str) -> Iterator[Cloud]:
    """Return a stack with versions."""
    assert endpoint
    stack, cloud = versioned()
    yield cloud
    if own_localstack is None:
        said: list[str] = []
        destroy(stack, said.append)


@pytest.fixture
def site(cloud: Cloud) -> Iterator[Site]:
    """Return the stack's site with its API."""
    with httpx.Client(timeout=LIMIT) as http:
        yield Site(cloud.outputs["SiteUrl"], http)


def stored(cloud: Cloud, key: str) -> dict[str, bytes]:
    """Return the bytes of a key's stored renditions."""
    bucket = cloud.outputs["ProcessedBucket"]
    return {
        target: cloud.s3.get_object(Bucket=bucket, Key=target)["Body"].read()
        for target in cloud.renditions.list(key)
    }


def ids(cloud: Cloud, key: str) -> list[str]:
    """Return the IDs of an original's versions and delete markers, the latest first."""
    return [each.id for each in cloud.versions(key)]


def test_a_restored_image_has_its_metadata(
    cloud: Cloud, run: Run, put: Put, outcome: Outcome, sample: Sample, key: str
) -> None:
    """It was not deleted with the image, and its renditions follow the focal point."""
    put(key, sample("flower.jpg"))
    outcome(key)
    assert run("set", key, "--alt", "A flower", "--focal-point", "0,0").returncode == 0
    published = stored(cloud, key)
    assert run("rm", key, "--yes").returncode == 0
    assert run("restore", key).returncode == 0
    entry = cloud.entry(key)
    assert (entry["alt"], entry["rendered_focal_point"]) == ("A flower", {"x": 0, "y": 0})
    assert stored(cloud, key) == published
    assert run("rm", key, "--purge", "--yes").returncode == 0
    put(key, sample("flower.jpg"))
    assert "alt" not in outcome(key)


def test_presets(put: Put, outcome: Outcome, sample: Sample, site: Site, key: str) -> None:
    """A URL without signature is served, and follows its image."""
    put(key, sample("flower.jpg"))
    outcome(key)
    url = site.image(key).json()["preset_url"].replace("{options}", "w_320")
    assert site.http.get(url).headers["content-type"].startswith("image/")
    assert site.http.get(url.replace("w_320", "w_320,h_2")).status_code == 400


def test_a_restored_image_is_the_same(
    cloud: Cloud, run: Run, put: Put, outcome: Outcome, sample: Sample, key: str
) -> None:
    """It has the same renditions to the byte, also after a request for another recipe."""
    put(key, sample("flower.jpg"))
    before = outcome(key)
    assert run("reprocess", key, "--recipe", "avatar").returncode == 0
    before = outcome(key, after=before)
    published = stored(cloud, key)
    assert before["recipe"] == "avatar"
    done = run("rm", key, "--yes")
    assert "restores a deleted original for 7 days" in done.stdout
    assert stored(cloud, key) == {}
    deleted = cloud.entry(key)
    assert deleted["deleted"] == {"version_id": before["version_id"], "recipe": "avatar"}
    assert key in run("trash").stdout
    done = run("restore", key)
    assert done.returncode == 0, done
    assert "restored, with" in done.stdout
    entry = cloud.entry(key)
    assert stored(cloud, key) == published
    assert (entry["status"], entry["recipe"]) == ("done", "avatar")
    assert entry["version_id"] == ids(cloud, key)[0]
    assert key not in run("trash").stdout


def test_the_api_restores_an_image(
    cloud: Cloud, site: Site, put: Put, outcome: Outcome, sample: Sample, key: str
) -> None:
    """An image with an inline recipe is deleted and restored over HTTP, with its metadata."""
    put(key, sample("flower.jpg"))
    uploaded = outcome(key)
    path = f"images/{path_of(key)}"
    recipe = {
        "renditions": [
            {"name": "sepia", "sepia": 1, "resize": {"width": 90}, "output": {"format": "png"}}
        ]
    }
    site.api("POST", f"{path}/process", {"recipe": recipe})
    before = outcome(key, after=uploaded)
    published = stored(cloud, key)
    assert len(published) == 1
    assert site.api("POST", f"{path}/restore", {}).json()["code"] == "not-deleted"
    site.api("DELETE", path)
    outcome(key, after=before)
    response = site.api("POST", f"{path}/restore", {})
    assert response.status_code == 202
    restored = response.json()
    assert restored["restored_from"] == before["version_id"]
    entry = outcome(key, after=cloud.entry(key))
    assert entry["sequencer"] >= restored["version"]
    assert entry["version_id"] == restored["version_id"]
    assert stored(cloud, key) == published
    unknown = site.api("POST", f"{path}/restore", {"version_id": "unknown"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-version")
    missing = site.api("POST", f"images/{path_of(key)}x/restore", {})
    assert (missing.status_code, missing.json()["code"]) == (404, "nothing-to-restore")


def test_an_older_version_is_restored(
    cloud: Cloud, run: Run, put: Put, outcome: Outcome, sample: Sample, key: str
) -> None:
    """`trash --versions` lists it, and `restore --version` makes it the current one."""
    put(key, sample("flower.jpg"))
    old = outcome(key)
    published = stored(cloud, key)
    put(key, sample("boats.jpg"))
    new = outcome(key, after=old)
    assert run("trash", key).stdout.startswith("There is nothing")
    listed = json.loads(run("trash", key, "--versions", "--json").stdout)["images"]
    assert [(each["version_id"], each["is_replaced"]) for each in listed] == [
        (old["version_id"], True)
    ]
    assert "exists" in run("restore", key).stderr
    assert "does not exist" in run("restore", key, "--version", "unknown").stderr
    assert run("restore", key, "--version", old["version_id"]).returncode == 0
    assert stored(cloud, key) == published
    assert [each.etag for each in cloud.versions(key)] == [old["etag"], new["etag"], old["etag"]]


def test_the_trash_has_pages(
    cloud: Cloud, run: Run, put: Put, outcome: Outcome, sample: Sample, prefix: str
) -> None:
    """A page ends with the key behind which the next one starts."""
    keys = [f"{prefix}{name}.jpg" for name in ("a", "b c+d", "ü")]
    for key in keys:
        put(key, sample("flower.jpg"))
        outcome(key)
    assert run("rm", *keys, "--yes").returncode == 0
    page = json.loads(run("trash", prefix, "--limit", "2", "--json").stdout)
    assert [each["key"] for each in page["images"]] == keys[:2]
    assert page["images"][0]["bytes"] == len(sample("flower.jpg"))
    assert page["images"][0]["days_left"] == 7
    assert page["next"] == keys[1]
    page = json.loads(run("trash", prefix, "--after", page["next"], "--json").stdout)
    assert ([each["key"] for each in page["images"]], page["next"]) == (keys[2:], None)
    assert run("restore", *keys).returncode == 0
    assert {cloud.entry(key)["status"] for key in keys} == {"done"}


@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_purge_leaves_nothing(
    cloud: Cloud,
    run: Run,
    put: Put,
    outcome: Outcome,
    sample: Sample,
    key: str,
    *,
    is_deleted: bool,
) -> None:
    """No version, no delete marker, no rendition and no entry is left, and nothing returns."""
    put(key, sample("flower.jpg"))
    old = outcome(key)
    put(key, sample("boats.jpg"))
    outcome(key, after=old)
    if is_deleted:
        assert run("rm", key, "--yes").returncode == 0
    assert "for good" in run("rm", key, "--purge", typed="n\n").stdout
    assert len(ids(cloud, key)) == 2 + is_deleted
    done = run("rm", key, "--purge", "--yes")
    assert done.returncode == 0, done
    assert "deleted for good, with 2 versions" in done.stdout
    assert ids(cloud, key) == []
    assert stored(cloud, key) == {}
    assert cloud.catalog.get(key) is None
    assert "No version" in run("restore", key).stderr
    assert "Nothing exists" in run("rm", key, "--purge", "--yes").stderr
    put(key, sample("flower.jpg"))
    assert outcome(key)["status"] == "done"


def test_check_names_originals_that_can_be_restored(
    cloud: Cloud,
    run: Run,
    put: Put,
    outcome: Outcome,
    sample: Sample,
    quiet: Callable[[], None],
    prefix: str,
) -> None:
    """A published image behind a delete marker, as lifecycle rules leave it, can be restored; a
    repair deletes its renditions, and it can still be restored.
    """
    key = f"{prefix}a.jpg"
    put(key, sample("flower.jpg"))
    before = outcome(key)
    published = stored(cloud, key)
    assert run("rm", key, "--yes").returncode == 0
    item = {**before, "sequencer": cloud.entry(key)["sequencer"]}
    cloud.catalog.dynamodb.put_item(TableName=cloud.catalog.table, Item=serialize(item))
    quiet()
    found = json.loads(run("check", prefix, "--json").stdout)
    (fault,) = found["faults"]["no-original"]
    assert "`darkroom restore` can restore the original" in fault["detail"]
    assert run("check", prefix, "--repair").returncode == 0
    assert cloud.entry(key)["status"] == "deleted"
    assert run("restore", key).returncode == 0
    assert stored(cloud, key) == published
    assert run("check", prefix).returncode == 0


def test_destroy_deletes_versions_and_markers(endpoint: str, sample: Sample) -> None:
    """A stack with older versions and delete markers is deleted as a whole."""
    assert endpoint
    stack, cloud = versioned()
    raw = cloud.outputs["RawBucket"]
    for key in ("kept", "deleted"):
        for name in ("flower.jpg", "boats.jpg"):
            cloud.s3.put_object(Bucket=raw, Key=key, Body=sample(name))
    cloud.s3.delete_object(Bucket=raw, Key="deleted")
    said: list[str] = []
    destroy(stack, said.append)
    assert f"Deleted 5 objects from {raw}" in said
    with pytest.raises(ClientError) as raised:
        boto3.client("s3").head_bucket(Bucket=raw)
    assert raised.value.response["Error"]["Code"] == "404"


@pytest.mark.parametrize("name", NAMES)
def test_names_in_the_terminal(
    run: Run, cloud: Cloud, put: Put, outcome: Outcome, name: str
) -> None:
    """`trash` and `restore` print a key that a bucket writer chose on one line, escaped."""
    key = f"{uuid.uuid4().hex[:6]}/{name}"
    put(key, (SAMPLES / "coffee.png").read_bytes())
    before = outcome(key)
    cloud.s3.delete_object(Bucket=cloud.outputs["RawBucket"], Key=key)
    assert outcome(key, after=before)["status"] == "deleted"
    check(run("trash"), key)
    check(run("restore", key), key)
