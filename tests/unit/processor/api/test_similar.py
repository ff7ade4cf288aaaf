"""``GET /images/{key}/similar``: which images it returns, and their order."""

from typing import Any

import pytest

from processor.api.images import MAX_SIMILAR
from tests.unit.processor.api.conftest import Api, Result


def add(api: Api, key: str, digits: int, **fields: Any) -> None:
    """Add an image with this perceptual hash."""
    entry = api.table.add(filename=key)
    analysis = {**(entry["analysis"] or {}), "phash": f"{digits:016x}"}
    api.table.add(filename=key, analysis=analysis, **fields)


def similar(api: Api, key: str, **query: Any) -> Result:
    """Return the response for a key."""
    return api.call("GET", "/images/{key}/similar", key=key, query=query)


def test_the_most_similar_image_is_first(api: Api) -> None:
    """The image itself is none of them, and neither is one with too many different bits."""
    add(api, "it.jpg", 0x0F0F)
    add(api, "four.jpg", 0xF0F0F)
    add(api, "one.jpg", 0x0F0E)
    add(api, "nine.jpg", 0x1FF0F0F)
    found = similar(api, "it.jpg").body
    assert found["key"] == "it.jpg"
    assert [(each["distance"], each["image"]["key"]) for each in found["similar"]] == [
        (1, "one.jpg"),
        (4, "four.jpg"),
    ]
    near = similar(api, "it.jpg", distance=3).body["similar"]
    assert [each["image"]["key"] for each in near] == ["one.jpg"]
    assert similar(api, "it.jpg", distance=0).body["similar"] == []


def test_the_index_follows_with_a_delay(api: Api) -> None:
    """What is gone, or is another image by now, is left out."""
    for key in ("it.jpg", "gone.jpg", "replaced.jpg", "held.jpg", "copy.jpg"):
        add(api, key, 7)
    del api.table.items["gone.jpg"]
    api.table.items["replaced.jpg"]["analysis"] = {
        **api.table.items["replaced.jpg"]["analysis"],
        "phash": "f" * 16,
    }
    api.table.items["held.jpg"]["status"] = "review"
    found = similar(api, "it.jpg").body["similar"]
    assert [each["image"]["key"] for each in found] == ["copy.jpg"]


def test_a_response_has_a_limited_number_of_images(api: Api) -> None:
    """The most similar ones."""
    add(api, "it.jpg", 7)
    for number in range(MAX_SIMILAR + 9):
        add(api, f"{number}.jpg", 5)
    add(api, "z.jpg", 7)
    found = similar(api, "it.jpg").body["similar"]
    assert len(found) == MAX_SIMILAR
    assert found[0]["image"]["key"] == "z.jpg"


def test_an_image_without_a_hash_has_no_similar_ones(api: Api) -> None:
    """It has not been analyzed, or is not done."""
    api.table.add(filename="plain.jpg", analysis=None)
    api.table.add(filename="failed.jpg", status="failed")
    for key in ("plain.jpg", "failed.jpg"):
        result = similar(api, key)
        assert (result.status, result.code) == (409, "no-hash")
    assert similar(api, "nothing.jpg").status == 404


@pytest.mark.parametrize("distance", ["9", "-1", "x", ""])
def test_invalid_distances_are_refused(api: Api, distance: str) -> None:
    """The index finds up to 8 bits."""
    api.table.add(filename="a.jpg")
    result = similar(api, "a.jpg", distance=distance)
    assert (result.status, result.code) == (400, "invalid-parameter")
