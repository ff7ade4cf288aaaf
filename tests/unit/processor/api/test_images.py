"""The routes of one picture."""

import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.unit.processor.api.conftest import Api
from tests.unit.processor.api.services import rendition

KEY = "holiday%2Fbeach.jpg"


def done(api: Api, **fields: Any) -> None:
    """Let there be a picture, with its original."""
    api.table.add(filename="holiday/beach.jpg", **fields)
    api.s3.put("holiday/beach.jpg")


def get(api: Api, **fields: Any) -> Any:
    """What is told of an entry with these fields."""
    done(api, **fields)
    said = api.call("GET", "/images/{key}", key=KEY)
    assert said.status == 200
    return said.body


def test_a_picture_is_told_with_all_that_is_known(api: Api) -> None:
    """Names are those of the document, not those of the catalog."""
    image = get(api)
    assert image["key"] == "holiday/beach.jpg"
    assert (image["status"], image["version"]) == ("done", "A" * 32)
    assert image["uploaded"] == "2026-05-01T12:00:00.000Z"
    assert image["updated"] == "2026-05-01T12:00:01.000Z"
    assert (image["bytes"], image["format"], image["frames"]) == (1234, "jpeg", 1)
    assert (image["width"], image["height"]) == (1200, 800)
    assert image["recipe"] == "default"
    assert image["placeholder"] == {
        "thumbhash": "3OcRJYB4d3h/iIeHeEh3eIhw+j2w",
        "color": "#204060",
    }
    assert image["renditions"][0] == {
        "name": "thumb",
        "path": "processed/holiday/beach.jpg/thumb.webp?v=642e19ac",
        "url": "https://site.example/processed/holiday/beach.jpg/thumb.webp?v=642e19ac",
        "width": 300,
        "height": 300,
        "bytes": 5000,
        "type": "image/webp",
        "ms": 12,
    }
    assert image["timings"]["since_upload"] == 130
    hidden = {"owner", "lease", "message", "attempts", "shard", "etag", "sequencer", "filename"}
    assert not hidden & image.keys()


def test_keys_are_percent_encoded_in_urls(api: Api) -> None:
    """Whatever the key, the URL leads to its rendition."""
    key = "été/a b#1?.jpg%"
    api.table.add(filename=key, renditions=[rendition(key, "thumb@2x.webp", 10, 10)])
    said = api.call("GET", "/images/{key}", key="%C3%A9t%C3%A9%2Fa%20b%231%3F.jpg%25")
    (found,) = said.body["renditions"]
    assert found["path"] == "processed/%C3%A9t%C3%A9/a%20b%231%3F.jpg%25/thumb%402x.webp?v=642e19ac"
    assert found["url"] == f"https://site.example/{found['path']}"
    assert unquote(urlsplit(found["url"]).path) == f"/processed/{key}/thumb@2x.webp"


def test_what_is_being_processed_has_little_to_tell(api: Api) -> None:
    """The document requires no more of it."""
    nothing = dict.fromkeys(
        ("size", "recipe", "format", "width", "height", "frames", "analysis", "renditions")
    )
    image = get(api, status="processing", timings=None, **nothing)
    assert (image["renditions"], image["sources"], image["markup"]) == ([], [], None)
    assert image["placeholder"] is None
    assert not {"width", "recipe", "analysis", "error"} & image.keys()


def test_failures_say_why(api: Api) -> None:
    """The code and the sentence are the pipeline's own."""
    failure = {"code": "unsupported-format", "message": "Not a picture."}
    image = get(api, status="failed", error=failure, retry=failure, renditions=None)
    assert image["error"] == image["retry"] == failure


def test_a_failed_request_is_told_beside_the_outcome(api: Api) -> None:
    """The recipe as what it is; what is for a redrive alone is left out."""
    recipe = {"renditions": [{"name": "web", "output": {"format": "png"}}]}
    failed = {
        "code": "too-large-rendition",
        "message": "Too large.",
        "time": "2026-05-01T12:00:00Z",
    }
    written = {**failed, "recipe": json.dumps(recipe), "retry": failed, "execution": "e"}
    image = get(api, failed_request=written)
    assert (image["status"], image["renditions"]) == ("done", get(api)["renditions"])
    assert image["failed_request"].keys() == {*failed, "recipe"}
    assert image["failed_request"]["recipe"]["renditions"][0]["name"] == "web"
    assert get(api, failed_request=failed)["failed_request"] == failed


def test_a_held_picture_is_told_without_being_shown(api: Api) -> None:
    """What was found, and why it is held; nothing that shows it, and no secret."""
    found: dict[str, Any] = {"etag": "e", "labels": [], "faces": [], "moderation": []}
    image = get(
        api,
        status="review",
        analysis=found,
        review={
            "reasons": [{"name": "Weapons", "confidence": 90}],
            "since": "2026-05-01T12:00:00Z",
        },
        review_token="secret",
        renditions=None,
    )
    assert image["placeholder"] is None
    assert image["renditions"] == []
    assert image["analysis"] == {"labels": [], "faces": [], "moderation": []}
    assert image["review"]["reasons"][0]["name"] == "Weapons"
    assert "secret" not in str(image)


def test_a_recipe_may_leave_the_analysis_out(api: Api) -> None:
    """Then there is no placeholder either."""
    done(api)
    api.table.items["holiday/beach.jpg"]["analysis"] = None
    image = api.call("GET", "/images/{key}", key=KEY).body
    assert image["placeholder"] is None
    assert "analysis" not in image


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("avatar", "avatar"),
        (
            '{"renditions":[{"name":"a","output":{"format":"webp"}}]}',
            {"renditions": [{"name": "a", "output": {"format": "webp"}}]},
        ),
        ('{"renditions":[]}', '{"renditions":[]}'),
        ("{", "{"),
    ],
)
def test_an_inline_recipe_is_told_as_an_object(api: Api, written: str, told: object) -> None:
    """One that cannot be read is told as it stands in the catalog."""
    assert get(api, recipe=written)["recipe"] == told


@pytest.mark.parametrize(
    ("method", "resource", "body"),
    [
        ("GET", "/images/{key}", None),
        ("DELETE", "/images/{key}", None),
        ("POST", "/images/{key}/process", {}),
        ("GET", "/images/{key}/original", None),
    ],
)
@pytest.mark.parametrize("status", [None, "deleted"])
def test_what_is_not_there_is_not_found(
    api: Api, method: str, resource: str, body: object, status: str | None
) -> None:
    """Nothing is known of it, or only that it was deleted."""
    if status:
        api.table.add(filename="holiday/beach.jpg", status=status, shard=None)
    said = api.call(method, resource, body, key=KEY)
    assert (said.status, said.code) == (404, "not-found")
    assert not api.sqs.sent


@pytest.mark.parametrize(
    "written", ["", "%00", "a%00b", "%", "%zz", "%e", "%ff", "%c3", "%ed%a0%80", "a" * 1025, None]
)
@pytest.mark.parametrize(
    ("method", "resource", "body"),
    [
        ("GET", "/images/{key}", None),
        ("DELETE", "/images/{key}", None),
        ("POST", "/images/{key}/process", {}),
        ("GET", "/images/{key}/original", None),
    ],
)
def test_keys_that_no_object_has_are_refused(
    api: Api, method: str, resource: str, body: object, written: str | None
) -> None:
    """Escapes are held to the letter: a guess might mean another picture."""
    said = api.call(method, resource, body, key=written)
    assert (said.status, said.code) == (400, "invalid-key")


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("a+b", "a+b"),
        ("a%2Bb", "a+b"),
        ("100%25", "100%"),
        ("%2520", "%20"),
        ("%C3%A9", "é"),
        ("é", "é"),
        ("a%0Ab", "a\nb"),
        ("%2e%2e", ".."),
        ("k" * 1024, "k" * 1024),
    ],
)
def test_keys_are_decoded_once(api: Api, written: str, key: str) -> None:
    """API Gateway leaves path parameters as they were sent."""
    api.table.add(filename=key)
    assert api.call("GET", "/images/{key}", key=written).body["key"] == key


def test_to_delete_is_to_remove_the_original(api: Api) -> None:
    """S3 tells the pipeline, which does the rest."""
    done(api)
    said = api.call("DELETE", "/images/{key}", key=KEY)
    assert (said.status, said.body) == (202, {"key": "holiday/beach.jpg"})
    assert not api.s3.objects
    assert not api.sqs.sent


def test_an_original_without_an_entry_can_be_deleted(api: Api) -> None:
    """Its message may still be on the way."""
    api.s3.put("holiday/beach.jpg")
    assert api.call("DELETE", "/images/{key}", key=KEY).status == 202
    assert not api.s3.objects


def test_an_entry_without_an_original_is_looked_at_again(api: Api) -> None:
    """The pipeline finds no original then, and removes what is left of it."""
    api.table.add(filename="holiday/beach.jpg")
    assert api.call("DELETE", "/images/{key}", key=KEY).status == 202
    (record,) = api.sqs.sent
    assert record["s3"]["object"]["key"] == "holiday%2Fbeach.jpg"
    assert record["eventTime"] == "2026-05-01T12:00:00.000Z"
    assert record["recipe"] is None


def test_the_original_is_lent_for_a_short_time(api: Api) -> None:
    """The URL shows it in the browser, under its own name and type."""
    done(api)
    said = api.call("GET", "/images/{key}/original", key=KEY)
    assert said.status == 200
    url = urlsplit(said.body["url"])
    query = {name: each[0] for name, each in parse_qs(url.query).items()}
    assert (url.netloc, url.path) == ("raw.s3.eu-central-1.amazonaws.com", "/holiday/beach.jpg")
    assert query["X-Amz-Expires"] == "300"
    assert query["response-content-type"] == "image/jpeg"
    assert query["response-content-disposition"] == (
        "inline; filename=\"beach.jpg\"; filename*=UTF-8''beach.jpg"
    )


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("image/jpg", "image/jpeg"),
        ("IMAGE/PNG; charset=x", "image/png"),
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_only_pictures_keep_their_type(api: Api, stored: str, told: str) -> None:
    """Who follows the URL gets no page with scripts."""
    api.s3.put("holiday/beach.jpg", stored)
    said = api.call("GET", "/images/{key}/original", key=KEY)
    assert parse_qs(urlsplit(said.body["url"]).query)["response-content-type"] == [told]


def test_names_are_harmless_in_headers(api: Api) -> None:
    """Quotes and line breaks of a key do not reach Content-Disposition."""
    api.s3.put('a/"é\r\nx: y.jpg')
    said = api.call("GET", "/images/{key}/original", key="a%2F%22%C3%A9%0D%0Ax%3A%20y.jpg")
    query = parse_qs(urlsplit(said.body["url"]).query)
    assert query["response-content-disposition"] == [
        "inline; filename=\"-x-y.jpg\"; filename*=UTF-8''%C3%A9x-y.jpg"
    ]


def test_originals_may_be_kept_back(api: Api) -> None:
    """Nobody learns then whether there is one."""
    done(api)
    for key in (KEY, "missing"):
        said = api.with_settings(originals="off").call("GET", "/images/{key}/original", key=key)
        assert (said.status, said.code) == (403, "originals-off")
