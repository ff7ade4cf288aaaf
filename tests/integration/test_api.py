"""Images over HTTP: list, process again, download the original, delete; statistics."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from darkroom.cloud import Cloud
from darkroom.operations.dead_letters import browse_dead_letters
from processor.catalog.entries import Entry

from .site import Site
from .waiting import wait_for

pytestmark = pytest.mark.contract

Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]

BROKEN = b"\x89PNG\r\n\x1a\n" + bytes(50)


def path(key: str, last: str = "") -> str:
    """Return the path of an image below the API."""
    return f"images/{quote(key, safe='')}{last}"


def code(response: httpx.Response) -> tuple[int, str]:
    """Return the status and the code of a problem document."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    assert response.json()["status"] == response.status_code
    return response.status_code, response.json()["code"]


def test_pages_are_complete(
    site: Site, put: Put, outcome: Outcome, prefix: str, drained: Callable[[], None]
) -> None:
    """Newest first, without repeats and gaps while images are uploaded."""
    old = [f"{prefix}{number:02}.jpg" for number in range(26)]
    for key in old:
        put(key, BROKEN)
    for key in old:
        outcome(key)
    drained()
    seen: list[str] = []
    times: list[str] = []
    query = ""
    for number in range(1000):
        page = site.api("GET", f"images?limit=7{query}").json()
        assert len(page["images"]) <= 7
        seen += [image["key"] for image in page["images"]]
        times += [image["uploaded"] for image in page["images"]]
        if number < 3:
            put(f"{prefix}new-{number}.jpg", BROKEN)
            outcome(f"{prefix}new-{number}.jpg")
        if page["next"] is None or set(old) <= set(seen):
            break
        query = f"&cursor={page['next']}"
    assert [key for key in seen if key.startswith(prefix)] == sorted(
        old, key=lambda key: times[seen.index(key)], reverse=True
    )
    assert len(set(seen)) == len(seen)
    assert times == sorted(times, reverse=True)
    usual = site.api("GET", "images").json()
    assert len(usual["images"]) == 24
    assert usual["images"][0]["key"] == f"{prefix}new-2.jpg"


def test_a_status_filters(
    site: Site, put: Put, outcome: Outcome, prefix: str, sample: Sample
) -> None:
    """A listing has only images of that status; a failed one has its error."""
    good, bad = f"{prefix}good.jpg", f"{prefix}bad.png"
    put(good, sample("raccoon.jpg"))
    put(bad, BROKEN)
    outcome(good)
    outcome(bad)
    for status, here, elsewhere in (("done", good, bad), ("failed", bad, good)):
        images = site.api("GET", f"images?limit=100&status={status}").json()["images"]
        assert {image["status"] for image in images} == {status}
        keys = [image["key"] for image in images]
        assert here in keys
        assert elsewhere not in keys
    image = site.image(bad).json()
    assert image["error"]["code"] == "corrupt"
    assert image["error"]["message"]
    assert (image["renditions"], image["markup"]) == ([], None)


def test_an_image_is_deleted(
    site: Site, put: Put, outcome: Outcome, key: str, sample: Sample
) -> None:
    """It is no longer found, nor are its renditions at the edge."""
    put(key, sample("raccoon.jpg"))
    outcome(key)
    renditions = [each["path"] for each in site.image(key).json()["renditions"]]
    assert {site.get(each.partition("?")[0]).status_code for each in renditions} == {200}
    response = site.api("DELETE", path(key))
    assert (response.status_code, response.json()) == (202, {"key": key})
    wait_for(lambda: site.image(key).status_code == 404)
    # The edge may serve cached renditions for a minute, but no others.
    for each in renditions:
        assert site.get(f"{each.partition('?')[0]}?v=another").status_code == 404
    assert key not in site.api("GET", "images?limit=100").text
    assert code(site.api("DELETE", path(key))) == (404, "not-found")


def test_an_image_is_processed_again(site: Site, sample: Sample) -> None:
    """With a named recipe, an inline recipe, and the recipe of the upload."""
    upload = site.leave("a.jpg", recipe="avatar")
    assert site.send(upload, sample("raccoon.jpg")).status_code == 204
    key = upload["key"]
    own = site.ended(key)
    inline = {"renditions": [{"name": "dot", "resize": {"width": 9}, "output": {"format": "png"}}]}
    versions = [own["version"]]
    images = []
    for body in ({"recipe": "shop"}, {"recipe": inline}, {}):
        response = site.api("POST", path(key, "/process"), body)
        assert response.status_code == 202, response.text
        assert response.json()["key"] == key
        versions.append(response.json()["version"])
        images.append(site.ended(key, versions[-1]))
    named, sent, again = images
    assert versions == sorted(set(versions))
    assert named["recipe"] == "shop"
    assert [each["width"] for each in sent["renditions"]] == [9]
    assert sent["recipe"]["renditions"][0]["name"] == "dot"
    assert again["recipe"] == "avatar"
    assert {each["name"] for each in again["renditions"]} == {
        each["name"] for each in own["renditions"]
    }
    old = sent["renditions"][0]["path"].partition("?")[0]
    assert site.get(f"{old}?v=another").status_code == 404


@pytest.mark.parametrize(
    ("recipe", "reason", "words"),
    [
        ({"renditions": [{"name": "a", "sepja": 1}]}, "invalid-recipe", "sepia"),
        ({"renditions": []}, "invalid-recipe", "renditions"),
        (
            {"renditions": [{"name": "a", "resize": {"width": 0}, "output": {"format": "webp"}}]},
            "invalid-recipe",
            "$.renditions[0].resize.width",
        ),
        (7, "invalid-request", "$.recipe"),
        ("nosuch", "unknown-recipe", "avatar"),
    ],
)
def test_an_invalid_recipe_is_refused(
    site: Site, put: Put, outcome: Outcome, key: str, recipe: object, reason: str, words: str
) -> None:
    """The detail is the engine's message; the image does not change."""
    put(key, BROKEN)
    before = outcome(key)
    response = site.api("POST", path(key, "/process"), {"recipe": recipe})
    assert code(response) == (400, reason)
    assert words in response.json()["detail"]
    assert site.image(key).json()["version"] == before["sequencer"]


@pytest.mark.parametrize("operation", ["GET ", "DELETE ", "POST /process", "GET /original"])
def test_a_missing_image_is_not_found(site: Site, key: str, operation: str) -> None:
    """Every operation returns ``not-found``."""
    method, _, last = operation.partition(" ")
    body: object = {} if method == "POST" else None
    assert code(site.api(method, path(key, last), body)) == (404, "not-found")


def test_an_original_can_be_downloaded(site: Site, put: Put, key: str, sample: Sample) -> None:
    """The URL is valid for five minutes, for that original and GET only."""
    put(key, sample("raccoon.jpg"))
    response = site.api("GET", path(key, "/original"))
    assert response.status_code == 200
    url = response.json()["url"]
    left = datetime.fromisoformat(response.json()["expires"]) - datetime.now(UTC)
    assert 280 < left.total_seconds() <= 301
    assert parse_qs(urlsplit(url).query)["X-Amz-Expires"] == ["300"]
    original = site.http.get(url)
    assert original.status_code == 200
    assert original.content == sample("raccoon.jpg")
    assert original.headers["content-disposition"].startswith("inline")
    signature = parse_qs(urlsplit(url).query)["X-Amz-Signature"][0]
    changed = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    name = key.rpartition("/")[2]
    for forged in (
        url.replace(signature, changed),
        url.replace(name, f"other-{name}"),
        url.replace("X-Amz-Expires=300", "X-Amz-Expires=3000"),
        url.partition("?")[0],
    ):
        assert forged != url
        assert site.http.get(forged).status_code == 403
    assert site.http.delete(url).status_code == 403


def test_stats_include_outcomes_and_dead_letters(
    site: Site,
    cloud: Cloud,
    put: Put,
    outcome: Outcome,
    prefix: str,
    sample: Sample,
    drained: Callable[[], None],
) -> None:
    """Outcomes and dead letters appear in the statistics."""

    def stats() -> dict[str, Any]:
        response = site.api("GET", "stats")
        assert response.status_code == 200
        return dict(response.json())

    drained()
    put(f"{prefix}good.jpg", sample("raccoon.jpg"))
    put(f"{prefix}bad.png", BROKEN)
    outcome(f"{prefix}good.jpg")
    outcome(f"{prefix}bad.png")
    drained()
    queue = cloud.outputs["DeadLetterQueueUrl"]
    dead = cloud.queue_depths()["dead"]
    body = f"no JSON {prefix}"
    cloud.sqs.send_message(QueueUrl=queue, MessageBody=body)
    try:
        # A response may be a second old.
        wait_for(lambda: stats()["queue"]["dead"] == dead + 1)
        current = stats()
        assert (current["queue"]["waiting"], current["queue"]["in_flight"]) == (0, 0)
        newest = current["newest"]
        assert newest["done"] + newest["failed"] + newest["processing"] == newest["images"]
        assert newest["done"] >= 1
        assert newest["failed"] >= 1
        assert sum(current["throughput"]["counts"]) >= 2
        assert current["latency"]["median"] <= current["latency"]["p95"]
    finally:
        with browse_dead_letters(cloud) as browser:
            for messages in browser.batches():
                for message in messages:
                    if message.body == body:
                        browser.delete(message)
