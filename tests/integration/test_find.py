"""Finding images on a deployed stack: words and tags, similar images, duplicates, and the repair
of the index.
"""

import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from PIL import Image

from darkroom.cloud import Cloud
from processor.catalog.attributes import serialize
from processor.catalog.entries import Entry
from processor.catalog.index import FullBucket
from processor.catalog.terms import Member, key_of

from .conftest import Run
from .site import Site
from .waiting import wait_for

Put = Callable[[str, bytes], None]
Outcome = Callable[..., Entry]
Sample = Callable[[str], bytes]


def copy_of(data: bytes) -> bytes:
    """Return an image at half the size, without 2% of each side, as another format."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    width, height = image.size
    image = image.crop((width // 50, height // 50, width - width // 50, height - height // 50))
    out = io.BytesIO()
    image.resize((width // 2, height // 2)).save(out, "WEBP", quality=60)
    return out.getvalue()


def found(site: Site, query: str) -> list[str]:
    """Return the keys of a search's first page."""
    return [each["key"] for each in site.api("GET", f"images?{query}").json()["images"]]


def test_images_are_found_by_their_words(
    site: Site, run: Run, put: Put, outcome: Outcome, sample: Sample, prefix: str
) -> None:
    """All words must match, in any case; a deleted image is not found any more."""
    word = prefix.strip("/").rpartition("/")[2]
    beach, house = f"{prefix}Old Beach.jpg", f"{prefix}beach-house.jpg"
    for key in (beach, house):
        put(key, sample("flower.jpg"))
        outcome(key)
    wait_for(lambda: found(site, f"q=BEACH+{word}") == [house, beach])
    assert found(site, f"q=house+{word}") == [house]
    assert found(site, f"q=hous+{word}") == []
    page = site.api("GET", f"images?q=beach+{word}&limit=1").json()
    rest = site.api("GET", f"images?q=beach+{word}&limit=1&cursor={page['next']}").json()
    assert [each["key"] for each in (*page["images"], *rest["images"])] == [house, beach]
    assert beach in run("ls", "--search", f"old {word}").stdout
    site.api("DELETE", f"images/{quote(house, safe='')}")
    wait_for(lambda: found(site, f"q=beach+{word}") == [beach])


def test_similar_images_are_found(
    site: Site, run: Run, put: Put, outcome: Outcome, sample: Sample, prefix: str
) -> None:
    """A smaller, cropped copy is found by the original, and the other way round."""
    original, copy, other = (f"{prefix}{name}" for name in ("it.jpg", "copy.webp", "other.jpg"))
    put(original, sample("boats.jpg"))
    put(copy, copy_of(sample("boats.jpg")))
    put(other, sample("rocket.jpg"))
    for key in (original, copy, other):
        outcome(key)

    def similar(key: str) -> dict[str, int]:
        response = site.api("GET", f"images/{quote(key, safe='')}/similar").json()
        near = {each["image"]["key"]: each["distance"] for each in response["similar"]}
        return {name: bits for name, bits in near.items() if name.startswith(prefix)}

    wait_for(lambda: similar(original).keys() == {copy})
    assert similar(copy) == {original: similar(original)[copy]}
    assert similar(other) == {}
    printed = json.loads(run("similar", original, "--json").stdout)
    assert copy in {each["key"] for each in printed["similar"]}
    assert copy in run("similar", original).stdout


def test_a_duplicate_names_the_first_image(
    put: Put, outcome: Outcome, sample: Sample, prefix: str, cloud: Cloud
) -> None:
    """When that is deleted, the next copy is the first."""
    # A file that no other test uploads.
    data = sample("coffee.png") + prefix.encode()
    keys = [f"{prefix}{number}.png" for number in range(4)]
    entries = []
    for key in keys[:2]:
        put(key, data)
        entries.append(outcome(key))
    assert [each.get("duplicate_of") for each in entries] == [None, keys[0]]
    cloud.s3.delete_object(Bucket=cloud.outputs["RawBucket"], Key=keys[0])
    outcome(keys[0], entries[0])
    for key in keys[2:]:
        put(key, data)
    late = [outcome(key).get("duplicate_of") for key in keys[2:]]
    assert late in ([None, keys[2]], [keys[3], None])


def test_check_repairs_the_index(
    cloud: Cloud, run: Run, put: Put, outcome: Outcome, sample: Sample, prefix: str
) -> None:
    """What is missing is written, and what belongs to no entry is deleted."""
    keys = [f"{prefix}{name}.jpg" for name in ("lost", "fine")]
    for key in keys:
        put(key, sample("flower.jpg"))
        outcome(key)
    gone = f"{prefix}gone.jpg"

    def items() -> set[Any]:
        return {
            each
            for each in cloud.index.all()
            if not isinstance(each, FullBucket) and key_of(each).startswith(prefix)
        }

    wait_for(lambda: run("check", prefix, "--grace", "0").returncode == 0)
    before = items()
    lost = {each for each in before if key_of(each) == keys[0]}
    postings = {each for each in lost if not isinstance(each, Member)}
    assert postings
    assert postings < lost
    cloud.index.write(set(), postings)
    cloud.index.regroup(set(), lost - postings)
    stray = {"term": "tag#old", "place": f"2026-05-01T12:00:00.000Z#{gone}"}
    cloud.catalog.dynamodb.put_item(TableName=cloud.outputs["IndexTable"], Item=serialize(stray))
    report = json.loads(run("check", prefix, "--grace", "0", "--json").stdout)
    assert [each["key"] for each in report["faults"]["unindexed"]] == [gone, keys[0]]
    assert report["faults"].keys() == {"unindexed"}
    assert run("check", prefix, "--grace", "0", "--repair").returncode == 0
    assert items() == before
