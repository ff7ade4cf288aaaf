"""``POST /images/{key}/process``."""

import re
from typing import Any

import pytest

from tests.unit.processor.api.conftest import Api

KEY = "holiday%2Fbeach.jpg"
INLINE = {
    "renditions": [
        {"name": "poster", "resize": {"width": 600}, "sepia": 1, "output": {"format": "webp"}}
    ]
}


@pytest.mark.parametrize(("body", "recipe"), [({}, None), ({"recipe": "avatar"}, "avatar")])
def test_processing_is_asked_of_the_queue(api: Api, body: object, recipe: str | None) -> None:
    """The answer tells the version that the outcome will have at least."""
    api.table.add(filename="holiday/beach.jpg")
    api.s3.put("holiday/beach.jpg")
    said = api.call("POST", "/images/{key}/process", body, key=KEY)
    assert said.status == 202
    (record,) = api.sqs.sent
    assert record["recipe"] == recipe
    assert record["eventTime"] == "2026-05-01T12:00:00.123Z"
    assert said.body == {
        "key": "holiday/beach.jpg",
        "version": record["s3"]["object"]["sequencer"],
    }
    assert said.body["version"] > "A" * 32


def test_what_has_no_entry_can_be_processed(api: Api) -> None:
    """The original is enough."""
    api.s3.put("holiday/beach.jpg")
    assert api.call("POST", "/images/{key}/process", {}, key=KEY).status == 202


def test_a_recipe_may_be_sent_along(api: Api) -> None:
    """The queue is told it as JSON, without what has its default."""
    api.table.add(filename="holiday/beach.jpg")
    api.s3.put("holiday/beach.jpg")
    recipe = {**INLINE, "gps": False}
    assert api.call("POST", "/images/{key}/process", {"recipe": recipe}, key=KEY).status == 202
    (record,) = api.sqs.sent
    assert record["recipe"] == (
        '{"renditions":[{"name":"poster","output":{"format":"webp"},'
        '"resize":{"width":600},"sepia":1.0}]}'
    )


def some(count: int) -> list[dict[str, Any]]:
    """Renditions with names of their own."""
    return [{"name": f"r{number}", "output": {"format": "png"}} for number in range(count)]


def marked(image: str) -> dict[str, Any]:
    """A recipe that lays a picture over another."""
    return {"renditions": [{**some(1)[0], "watermark": {"image": image}}]}


@pytest.mark.parametrize(
    ("recipe", "code", "detail"),
    [
        ("missing", "unknown-recipe", "There are: avatar, default, print, responsive, shop"),
        ("", "unknown-recipe", "There are: avatar"),
        ('{"renditions":[]}', "unknown-recipe", "There are: avatar"),
        (None, "invalid-request", r"Expected a recipe, or the name of one - at `\$\.recipe`"),
        (1, "invalid-request", "Expected a recipe"),
        ([], "invalid-request", "Expected a recipe"),
        ({}, "invalid-recipe", "missing required field `renditions`"),
        ({"renditions": []}, "invalid-recipe", "length >= 1"),
        (
            {"renditions": [{"name": "a", "output": {"format": "webb"}}]},
            "invalid-recipe",
            "did you mean 'webp'",
        ),
        (
            {"renditions": [{**some(1)[0], "sepja": 1}]},
            "invalid-recipe",
            "unknown field `sepja`.*did you mean `sepia`",
        ),
        ({"renditions": some(1) * 2}, "invalid-recipe", "two renditions are named 'r0'"),
        ({"renditions": some(13)}, "invalid-recipe", "names 13 renditions.*at most 12"),
        (marked("raw:secret.png"), "invalid-recipe", r"buckets .*\$\.renditions\[0\]\.watermark"),
        (marked("processed:a"), "invalid-recipe", "buckets"),
        (marked("site:a"), "invalid-recipe", "buckets"),
        (marked("missing.png"), "invalid-recipe", "no picture 'missing.png'.*there are: .*logo"),
        (marked("../recipes.json"), "invalid-recipe", "no picture"),
    ],
)
def test_recipes_are_checked_before_anything_is_lost(
    api: Api, recipe: object, code: str, detail: str
) -> None:
    """The answer says what is wrong with it, in the engine's own words; the queue hears nothing."""
    api.table.add(filename="holiday/beach.jpg")
    api.s3.put("holiday/beach.jpg")
    said = api.call("POST", "/images/{key}/process", {"recipe": recipe}, key=KEY)
    assert (said.status, said.code) == (400, code)
    assert re.search(detail, said.body["detail"]), said.body["detail"]
    assert not api.sqs.sent


@pytest.mark.parametrize("recipe", [{"renditions": some(12)}, marked("logo.png")])
def test_recipes_may_go_to_the_bounds(api: Api, recipe: object) -> None:
    """Twelve renditions, and the watermark_images that lie beside the recipes."""
    api.table.add(filename="holiday/beach.jpg")
    api.s3.put("holiday/beach.jpg")
    said = api.call("POST", "/images/{key}/process", {"recipe": recipe}, key=KEY)
    assert said.status == 202
