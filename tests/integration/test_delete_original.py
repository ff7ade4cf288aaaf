"""Originals that are deleted after processing, on a deployed stack with undelete."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import quote

import httpx
import pytest

from darkroom.cloud import Cloud
from darkroom.operations.sqs_sender import send
from localstack_init.deploy import deploy, destroy
from processor.catalog.entries import Entry
from processor.sqs.reprocess import message_of, new_request
from tests.speed import LIMIT

from .conftest import Run, new_deployment
from .localstack import LocalStack
from .site import Site
from .test_undelete import stored
from .variants import Viewer
from .waiting import wait_for

Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]


@pytest.fixture(scope="module")
def cloud(own_localstack: LocalStack | None, endpoint: str) -> Iterator[Cloud]:
    """Return a stack that deletes originals, and keeps their versions."""
    assert endpoint
    usual = new_deployment()
    parameters = {"DeleteOriginal": "after-processing", "UndeleteDays": "7"}
    deployment = replace(usual, parameters={**usual.parameters, **parameters})
    said: list[str] = []
    yield Cloud(deploy(deployment, said.append))
    if own_localstack is None:
        destroy(deployment.stack, said.append)


@pytest.fixture
def site(cloud: Cloud) -> Iterator[Site]:
    """Return the stack's site with its API."""
    with httpx.Client(timeout=LIMIT) as http:
        yield Site(cloud.outputs["SiteUrl"], http)


@pytest.fixture
def image(
    cloud: Cloud,
    key: str,
    put: Put,
    outcome: Outcome,
    sample: Sample,
    drained: Callable[[], None],
) -> str:
    """Give the key of an image whose original is gone, and the event of that."""
    put(key, sample("flower.jpg"))
    assert outcome(key)["status"] == "done"
    wait_for(lambda: cloud.original(key) is None)
    drained()
    return key


def test_the_image_stays(cloud: Cloud, site: Site, image: str, run: Run) -> None:
    """Its entry says so, and the check finds nothing that is left over."""
    shown = site.image(image).json()
    assert (shown["status"], shown["original"]) == ("done", "deleted")
    assert len(shown["renditions"]) == 3
    assert site.get(shown["renditions"][0]["path"]).status_code == 200
    checked = run("check", image)
    assert (checked.returncode, "consistent" in checked.stdout) == (0, True), checked.stdout
    assert len(stored(cloud, image)) == 3


def test_what_needs_the_original_is_refused(cloud: Cloud, site: Site, image: str) -> None:
    """With the reason; other metadata can be edited."""
    path = f"images/{quote(image, safe='')}"
    refused = [
        site.api("POST", f"{path}/process", {}),
        site.api("POST", f"{path}/process?workflow=full", {}),
        site.api("GET", f"{path}/original"),
        site.api("PATCH", path, {"focal_point": {"x": 0, "y": 0}}, **{"if-match": "*"}),
    ]
    answers = {(each.status_code, each.json()["code"]) for each in refused}
    assert answers == {(409, "original-deleted")}
    edited = site.api("PATCH", path, {"alt": "A flower"}, **{"if-match": "*"})
    assert edited.status_code == 200
    variant = Viewer(cloud).get("w_320", image)
    assert (variant.status_code, variant.json()["code"]) == (410, "original-deleted")


def test_a_request_that_comes_all_the_same(
    cloud: Cloud, image: str, outcome: Outcome, run: Run
) -> None:
    """The published image stays."""
    before = stored(cloud, image)
    assert "None of 0 originals" in run("reprocess", image).stdout
    after = cloud.newest_sequencer(image, cloud.entry(image))
    request = new_request(image, cloud.entry(image)["timestamp"], after)
    seen = cloud.entry(image)
    send(cloud.sqs, cloud.outputs["QueueUrl"], [message_of(cloud.outputs["RawBucket"], request)])
    entry = outcome(image, after=seen)
    assert entry["failed_request"]["code"] == "original-deleted"
    assert stored(cloud, image) == before


def test_a_restore_renders_and_deletes_again(
    cloud: Cloud, image: str, outcome: Outcome, run: Run
) -> None:
    """While S3 keeps the version, it can be rendered again, and is then deleted again."""
    before = cloud.entry(image)
    assert run("restore", image).returncode == 0
    entry = outcome(image, after=before)
    assert (entry["status"], entry["original"]) == ("done", "deleted")
    wait_for(lambda: cloud.original(image) is None)


def test_the_image_is_deleted_with_the_api(site: Site, cloud: Cloud, image: str) -> None:
    """It has no original to delete, and a second original is no reason to keep it."""
    assert site.api("DELETE", f"images/{quote(image, safe='')}").status_code == 202
    site.gone(image)
    wait_for(lambda: not stored(cloud, image))


@pytest.mark.parametrize("options", [(), ("--purge",)])
def test_the_image_is_deleted_with_the_command(
    cloud: Cloud, image: str, run: Run, options: tuple[str, ...]
) -> None:
    """Also for good, with all versions."""
    done = run("rm", image, "--yes", *options)
    assert done.returncode == 0, done.stderr
    assert not stored(cloud, image)
    assert bool(cloud.versions(image)) is not bool(options)
