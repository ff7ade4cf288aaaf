"""``POST /images/{key}/process``: recipes by name, inline recipes and their limits."""

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
def test_a_request_is_queued(api: Api, body: object, recipe: str | None) -> None:
    """The response has the version that the outcome will have at least."""
    api.table.add(filename="holiday/beach.jpg")
    api.s3.put("holiday/beach.jpg")
    result = api.call("POST", "/images/{key}/process", body, key=KEY)
    assert result.status == 202
    (record,) = api.sqs.sent
    assert record["recipe"] == recipe
    assert record["eventTime"] == "2026-05-01T12:00:00.123Z"
    assert result.body == {
        "key": "holiday/beach.jpg",
        "version": record["s3"]["object"]["sequencer"],
    }
    assert result.body["version"] > "A" * 32


def test_an_original_without_an_entry_can_be_processed(api: Api) -> None:
    """Its first message may not be processed yet."""
    api.s3.put("holiday/beach.jpg")
    assert api.call("POST", "/images/{key}/process", {}, key=KEY).status == 202


def test_a_recipe_may_be_inline(api: Api) -> None:
    """The message has it as JSON, without fields that have their default."""
    api.table.add(filename="holiday/beach.jpg")
    api.s3.put("holiday/beach.jpg")
    recipe = {**INLINE, "gps": False}
    assert api.call("POST", "/images/{key}/process", {"recipe": recipe}, key=KEY).status == 202
    (record,) = api.sqs.sent
    assert record["recipe"] == (
        '{"renditions":[{"name":"poster","output":{"format":"webp"},'
        '"resize":{"width":600},"sepia":1.0}]}'
    )


def renditions(count: int) -> list[dict[str, Any]]:
    """Return renditions with different names."""
    return [{"name": f"r{number}", "output": {"format": "png"}} for number in range(count)]


def with_watermark(image: str) -> dict[str, Any]:
    """Return a recipe with a watermark image."""
    return {"renditions": [{**renditions(1)[0], "watermark": {"image": image}}]}


@pytest.mark.parametrize(
    ("recipe", "code", "detail"),
    [
        ("missing", "unknown-recipe", "Use one of: avatar, default, print, responsive, shop"),
        ("", "unknown-recipe", "Use one of: avatar"),
        ('{"renditions":[]}', "unknown-recipe", "Use one of: avatar"),
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
            {"renditions": [{**renditions(1)[0], "sepja": 1}]},
            "invalid-recipe",
            "unknown field `sepja`.*did you mean `sepia`",
        ),
        ({"renditions": renditions(1) * 2}, "invalid-recipe", "two renditions are named 'r0'"),
        ({"renditions": renditions(13)}, "invalid-recipe", "has 13 renditions.*at most 12"),
        (
            with_watermark("raw:secret.png"),
            "invalid-recipe",
            r"bucket .*\$\.renditions\[0\]\.watermark",
        ),
        (with_watermark("processed:a"), "invalid-recipe", "bucket"),
        (with_watermark("site:a"), "invalid-recipe", "bucket"),
        (
            with_watermark("missing.png"),
            "invalid-recipe",
            "image 'missing.png' does not exist.*Use one of: .*logo",
        ),
        (with_watermark("../recipes.json"), "invalid-recipe", "does not exist"),
    ],
)
def test_invalid_recipes_are_refused(api: Api, recipe: object, code: str, detail: str) -> None:
    """The detail is the engine's message; no request is queued."""
    api.table.add(filename="holiday/beach.jpg")
    api.s3.put("holiday/beach.jpg")
    result = api.call("POST", "/images/{key}/process", {"recipe": recipe}, key=KEY)
    assert (result.status, result.code) == (400, code)
    assert re.search(detail, result.body["detail"]), result.body["detail"]
    assert not api.sqs.sent


@pytest.mark.parametrize("recipe", [{"renditions": renditions(12)}, with_watermark("logo.png")])
def test_recipes_may_reach_the_limits(api: Api, recipe: object) -> None:
    """Twelve renditions, and watermark images that ship with the pipeline."""
    api.table.add(filename="holiday/beach.jpg")
    api.s3.put("holiday/beach.jpg")
    result = api.call("POST", "/images/{key}/process", {"recipe": recipe}, key=KEY)
    assert result.status == 202
