"""A picture's life over HTTP: listed, made anew, given back, deleted."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from darkroom.cloud import Cloud
from darkroom.operations.dead_letters import dead_letters
from processor.catalog.entries import Entry

from .site import Site
from .waiting import wait_for

Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]

BROKEN = b"\x89PNG\r\n\x1a\n" + bytes(50)


def path(key: str, last: str = "") -> str:
    """The path of a picture below the API."""
    return f"images/{quote(key, safe='')}{last}"


def code(answer: httpx.Response) -> tuple[int, str]:
    """The status of a problem document, and its code."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert answer.json()["status"] == answer.status_code
    return answer.status_code, answer.json()["code"]


def test_pages_follow_each_other(
    site: Site, put: Put, outcome: Outcome, prefix: str, drained: Callable[[], None]
) -> None:
    """Newest first, none twice and none left out, while others are uploaded."""
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


def test_pictures_of_one_status(
    site: Site, put: Put, outcome: Outcome, prefix: str, sample: Sample
) -> None:
    """The list can be narrowed to what failed or is done; a failure says why."""
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


def test_a_picture_is_deleted(
    site: Site, put: Put, outcome: Outcome, key: str, sample: Sample
) -> None:
    """In the end it is not found any more, and neither are its renditions at the edge."""
    put(key, sample("raccoon.jpg"))
    outcome(key)
    renditions = [each["path"] for each in site.image(key).json()["renditions"]]
    assert {site.get(each.partition("?")[0]).status_code for each in renditions} == {200}
    answer = site.api("DELETE", path(key))
    assert (answer.status_code, answer.json()) == (202, {"key": key})
    wait_for(lambda: site.image(key).status_code == 404, 30)
    # What the edge has seen may stay for a minute; what it has not is gone.
    for each in renditions:
        assert site.get(f"{each.partition('?')[0]}?v=another").status_code == 404
    assert key not in site.api("GET", "images?limit=100").text
    assert code(site.api("DELETE", path(key))) == (404, "not-found")


def test_a_picture_is_made_anew(site: Site, sample: Sample) -> None:
    """By a recipe's name, by one that is sent along, and by the original's own again."""
    leave = site.leave("a.jpg", recipe="avatar")
    assert site.send(leave, sample("raccoon.jpg")).status_code == 204
    key = leave["key"]
    own = site.ended(key)
    inline = {"renditions": [{"name": "dot", "resize": {"width": 9}, "output": {"format": "png"}}]}
    versions = [own["version"]]
    images = []
    for body in ({"recipe": "shop"}, {"recipe": inline}, {}):
        answer = site.api("POST", path(key, "/process"), body)
        assert answer.status_code == 202, answer.text
        assert answer.json()["key"] == key
        versions.append(answer.json()["version"])
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
def test_a_recipe_that_is_none(
    site: Site, put: Put, outcome: Outcome, key: str, recipe: object, reason: str, words: str
) -> None:
    """The answer has the engine's words for what is wrong, and nothing is done."""
    put(key, BROKEN)
    before = outcome(key)
    answer = site.api("POST", path(key, "/process"), {"recipe": recipe})
    assert code(answer) == (400, reason)
    assert words in answer.json()["detail"]
    assert site.image(key).json()["version"] == before["sequencer"]


@pytest.mark.parametrize("asked", ["GET ", "DELETE ", "POST /process", "GET /original"])
def test_a_picture_that_is_not_there(site: Site, key: str, asked: str) -> None:
    """Whatever is asked of it, it is not found."""
    method, _, last = asked.partition(" ")
    body: object = {} if method == "POST" else None
    assert code(site.api(method, path(key, last), body)) == (404, "not-found")


def test_an_original_is_given_back(site: Site, put: Put, key: str, sample: Sample) -> None:
    """By a URL for five minutes, which is good for that original and nothing else."""
    put(key, sample("raccoon.jpg"))
    answer = site.api("GET", path(key, "/original"))
    assert answer.status_code == 200
    url = answer.json()["url"]
    left = datetime.fromisoformat(answer.json()["expires"]) - datetime.now(UTC)
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


def test_stats_count(
    site: Site,
    cloud: Cloud,
    put: Put,
    outcome: Outcome,
    prefix: str,
    sample: Sample,
    drained: Callable[[], None],
) -> None:
    """What comes of uploads is in the numbers, and so is a dead letter as soon as it is there."""

    def stats() -> dict[str, Any]:
        answer = site.api("GET", "stats")
        assert answer.status_code == 200
        return dict(answer.json())

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
        # An answer may be a second old.
        wait_for(lambda: stats()["queue"]["dead"] == dead + 1, 3)
        told = stats()
        assert (told["queue"]["waiting"], told["queue"]["in_flight"]) == (0, 0)
        newest = told["newest"]
        assert newest["done"] + newest["failed"] + newest["processing"] == newest["images"]
        assert newest["done"] >= 1
        assert newest["failed"] >= 1
        assert sum(told["throughput"]["counts"]) >= 2
        assert told["latency"]["median"] <= told["latency"]["p95"]
    finally:
        with dead_letters(cloud) as loan:
            for letters in loan.batches():
                for letter in letters:
                    if letter.body == body:
                        loan.delete(letter)
