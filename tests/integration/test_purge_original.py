"""Originals that are deleted for good after processing, also by the workflow, on a deployed stack.

test_delete_original.py has a stack with undelete.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import quote

import httpx
import pytest

from darkroom.cloud import Cloud
from localstack_init.deploy import deploy
from processor.catalog.entries import Entry
from tests.speed import LIMIT

from .conftest import Run, new_deployment
from .flagged import flagged, patchwork
from .localstack import LocalStack
from .site import Site
from .test_undelete import stored
from .waiting import wait_for

Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]


@pytest.fixture(scope="module")
def cloud(own_localstack: LocalStack | None, endpoint: str) -> Cloud:
    """Return a stack that deletes originals, and holds images that are flagged."""
    if own_localstack is None:
        pytest.skip("no picture could be declared to be flagged there")
    assert endpoint
    usual = new_deployment()
    parameters = {"DeleteOriginal": "after-processing", "Analyze": "all"}
    deployment = replace(usual, parameters={**usual.parameters, **parameters})
    said: list[str] = []
    return Cloud(deploy(deployment, said.append))


@pytest.fixture
def site(cloud: Cloud) -> Iterator[Site]:
    """Return the stack's site with its API."""
    with httpx.Client(timeout=LIMIT) as http:
        yield Site(cloud.outputs["SiteUrl"], http)


def version_of(cloud: Cloud, key: str, data: bytes) -> str:
    """Upload an original; return the ID of its version."""
    return cloud.s3.put_object(Bucket=cloud.outputs["RawBucket"], Key=key, Body=data)["VersionId"]


def test_no_version_is_left(
    cloud: Cloud, key: str, outcome: Outcome, sample: Sample, run: Run, drained: Callable[[], None]
) -> None:
    """The image stays when the deletion's event has come; the check finds nothing wrong."""
    version = version_of(cloud, key, sample("flower.jpg"))
    entry = outcome(key)
    assert (entry["status"], entry["original"], entry["version_id"]) == ("done", "deleted", version)
    wait_for(lambda: not cloud.versions(key))
    drained()
    assert cloud.entry(key) == entry
    assert len(stored(cloud, key)) == len(entry["renditions"])
    checked = run("check", key)
    assert (checked.returncode, "consistent" in checked.stdout) == (0, True), checked.stdout


def test_the_same_file_again(cloud: Cloud, key: str, sample: Sample) -> None:
    """Each upload is processed, also while the one before is."""
    data = sample("flower.jpg")
    versions = [version_of(cloud, key, data) for _ in range(3)]
    wait_for(lambda: (cloud.catalog.get(key) or {}).get("version_id") == versions[-1])
    wait_for(lambda: not cloud.versions(key))
    entry = cloud.entry(key)
    assert (entry["status"], entry["version_id"]) == ("done", versions[-1])


def test_a_removal_in_s3_deletes_the_image(
    cloud: Cloud, key: str, put: Put, outcome: Outcome, sample: Sample
) -> None:
    """It is not the pipeline's own, which deletes a version."""
    put(key, sample("flower.jpg"))
    outcome(key)
    wait_for(lambda: not cloud.versions(key))
    cloud.s3.delete_object(Bucket=cloud.outputs["RawBucket"], Key=key)
    wait_for(lambda: cloud.entry(key)["status"] == "deleted")
    assert not stored(cloud, key)


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_held_image_keeps_its_original(
    cloud: Cloud, site: Site, key: str, put: Put, decision: str
) -> None:
    """The workflow deletes it once it has published the renditions, and not if it is rejected."""
    picture = patchwork(f"{decision} {key}")
    path = f"images/{quote(key, safe='')}"
    with flagged(picture):
        put(key, picture)
        wait_for(lambda: "review_token" in (cloud.catalog.get(key) or {}))
        assert cloud.original(key)
        assert site.api("POST", f"{path}/review", {"decision": decision}).status_code == 202
        wait_for(lambda: cloud.entry(key)["status"] in {"done", "rejected"})
    if decision == "approve":
        wait_for(lambda: not cloud.versions(key))
        entry = cloud.entry(key)
        assert (entry["status"], entry["original"]) == ("done", "deleted")
        assert len(stored(cloud, key)) == len(entry["renditions"])
        again = site.api("POST", f"{path}/process?workflow=full", {})
        assert (again.status_code, again.json()["code"]) == (409, "original-deleted")
    else:
        assert cloud.original(key)
        assert "original" not in cloud.entry(key)
