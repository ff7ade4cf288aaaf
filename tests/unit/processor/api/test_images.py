"""Get and delete one image, and download its original."""

import json
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import pytest

from tests.unit.processor.api.conftest import Api
from tests.unit.processor.api.http.test_application import aws_error
from tests.unit.processor.api.table import rendition

KEY = "holiday%2Fbeach.jpg"


def add_image(api: Api, **fields: Any) -> None:
    """Add an image and its original."""
    api.table.add(filename="holiday/beach.jpg", **fields)
    api.s3.put("holiday/beach.jpg")


def get(api: Api, **fields: Any) -> Any:
    """Return the image of an entry with these fields."""
    add_image(api, **fields)
    result = api.call("GET", "/images/{key}", key=KEY)
    assert result.status == 200
    return result.body


def test_an_image_has_every_known_field(api: Api) -> None:
    """Fields have the contract's names; those that only the catalog needs are left out."""
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
    """The URL of a rendition is valid for every key."""
    key = "été/a b#1?.jpg%"
    api.table.add(filename=key, renditions=[rendition(key, "thumb@2x.webp", 10, 10)])
    result = api.call("GET", "/images/{key}", key="%C3%A9t%C3%A9%2Fa%20b%231%3F.jpg%25")
    (found,) = result.body["renditions"]
    assert found["path"] == "processed/%C3%A9t%C3%A9/a%20b%231%3F.jpg%25/thumb%402x.webp?v=642e19ac"
    assert found["url"] == f"https://site.example/{found['path']}"
    assert unquote(urlsplit(found["url"]).path) == f"/processed/{key}/thumb@2x.webp"


def test_an_image_may_have_few_known_fields(api: Api) -> None:
    """An image that is being processed for the first time is valid by the contract."""
    nothing = dict.fromkeys(
        ("size", "recipe", "format", "width", "height", "frames", "analysis", "renditions")
    )
    image = get(api, status="processing", timings=None, **nothing)
    assert (image["renditions"], image["sources"], image["markup"]) == ([], [], None)
    assert image["placeholder"] is None
    assert not {"width", "recipe", "analysis", "error"} & image.keys()


def test_a_failed_image_has_the_error(api: Api) -> None:
    """Code and message are the pipeline's."""
    failure = {"code": "unsupported-format", "message": "Not an image."}
    image = get(api, status="failed", error=failure, retry=failure, renditions=None)
    assert image["error"] == image["retry"] == failure


def test_a_failed_request_is_shown_beside_the_outcome(api: Api) -> None:
    """An inline recipe is an object; fields for a redrive are left out."""
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


def test_a_held_image_is_not_shown(api: Api) -> None:
    """The response has labels and reasons, but no renditions, no placeholder and no task token."""
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
    """Without an analysis there is no placeholder."""
    add_image(api)
    api.table.items["holiday/beach.jpg"]["analysis"] = None
    image = api.call("GET", "/images/{key}", key=KEY).body
    assert image["placeholder"] is None
    assert "analysis" not in image


def test_urls_of_variants(api: Api) -> None:
    """An image has templates for those URLs that the deployment serves, with its encoded key."""
    key = "caf%C3%A9/a%20%2B%20b%3F.png"
    urls = {
        "variant_url": f"https://site.example/i/{{signature}}/{{options}}/{key}",
        "signable": True,
        "preset_url": f"https://site.example/i/-/{{options}}/{key}",
    }
    api.table.add(filename="café/a + b?.png")
    for mode, names in {
        "off": set(),
        "signed": {"variant_url", "signable"},
        "presets": {"variant_url", "signable", "preset_url"},
    }.items():
        path = quote("café/a + b?.png", safe="")
        image = api.with_settings(variants=mode).call("GET", "/images/{key}", key=path).body
        assert {name: image[name] for name in urls if name in image} == {
            name: urls[name] for name in names
        }


@pytest.mark.parametrize(
    ("stored", "expected"),
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
def test_an_inline_recipe_is_an_object(api: Api, stored: str, expected: object) -> None:
    """One that is invalid is returned as the catalog has it."""
    assert get(api, recipe=stored)["recipe"] == expected


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
def test_missing_and_deleted_images_are_not_found(
    api: Api, method: str, resource: str, body: object, status: str | None
) -> None:
    """No request is queued for them."""
    if status:
        api.table.add(filename="holiday/beach.jpg", status=status, shard=None)
    result = api.call(method, resource, body, key=KEY)
    assert (result.status, result.code) == (404, "not-found")
    assert not api.sqs.sent


def test_delete_removes_the_original(api: Api) -> None:
    """S3's event makes the pipeline remove the rest."""
    add_image(api)
    result = api.call("DELETE", "/images/{key}", key=KEY)
    assert (result.status, result.body) == (202, {"key": "holiday/beach.jpg"})
    assert not api.s3.objects
    assert not api.sqs.sent


def test_an_original_without_an_entry_can_be_deleted(api: Api) -> None:
    """Its message may not be processed yet."""
    api.s3.put("holiday/beach.jpg")
    assert api.call("DELETE", "/images/{key}", key=KEY).status == 202
    assert not api.s3.objects


def test_deleting_an_entry_without_an_original_queues_a_request(api: Api) -> None:
    """The pipeline finds no original, and removes renditions and entry."""
    api.table.add(filename="holiday/beach.jpg")
    assert api.call("DELETE", "/images/{key}", key=KEY).status == 202
    (record,) = api.sqs.sent
    assert record["s3"]["object"]["key"] == "holiday%2Fbeach.jpg"
    assert record["eventTime"] == "2026-05-01T12:00:00.000Z"
    assert record["recipe"] is None


def test_a_key_that_s3_rejects_is_not_found(api: Api) -> None:
    """S3 responds with 400 to a HEAD of some keys, such as those that lead out of the bucket."""
    api.s3.failure = aws_error("400", 400)
    assert api.call("GET", "/images/{key}/original", key="..%2F..").status == 404


def test_a_bucket_is_not_an_original(api: Api) -> None:
    """With the bucket in the path, the key "/" leads to the bucket itself."""
    api.s3.objects["/"] = {}
    assert api.call("GET", "/images/{key}/original", key="%2F").status == 404


def test_another_key_with_the_same_beginning_is_not_the_original(api: Api) -> None:
    """A listing finds it, and nothing is deleted."""
    api.s3.put("holiday/beach.jpg.bak")
    assert api.call("DELETE", "/images/{key}", key=KEY).status == 404
    assert api.s3.objects


def test_an_original_has_a_short_lived_url(api: Api) -> None:
    """A browser shows it inline, with its name and type."""
    add_image(api)
    result = api.call("GET", "/images/{key}/original", key=KEY)
    assert result.status == 200
    url = urlsplit(result.body["url"])
    query = {name: each[0] for name, each in parse_qs(url.query).items()}
    assert (url.netloc, url.path) == ("raw.s3.eu-central-1.amazonaws.com", "/holiday/beach.jpg")
    assert query["X-Amz-Expires"] == "300"
    assert result.body["expires_in"] == 300
    assert query["response-content-type"] == "image/jpeg"
    assert query["response-content-disposition"] == (
        "inline; filename=\"beach.jpg\"; filename*=UTF-8''beach.jpg"
    )


@pytest.mark.parametrize(
    ("stored", "returned"),
    [
        ("image/jpg", "image/jpeg"),
        ("IMAGE/PNG; charset=x", "image/png"),
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_only_image_types_are_kept(api: Api, stored: str, returned: str) -> None:
    """The URL never opens a page with scripts."""
    api.s3.put("holiday/beach.jpg", stored)
    result = api.call("GET", "/images/{key}/original", key=KEY)
    assert parse_qs(urlsplit(result.body["url"]).query)["response-content-type"] == [returned]


def test_names_are_safe_in_headers(api: Api) -> None:
    """Quotes and line breaks of a key are not in Content-Disposition."""
    api.s3.put('a/"é\r\nx: y.jpg')
    result = api.call("GET", "/images/{key}/original", key="a%2F%22%C3%A9%0D%0Ax%3A%20y.jpg")
    query = parse_qs(urlsplit(result.body["url"]).query)
    assert query["response-content-disposition"] == [
        "inline; filename=\"-x-y.jpg\"; filename*=UTF-8''%C3%A9x-y.jpg"
    ]


def test_a_download_has_the_name_of_the_uploaded_file(api: Api) -> None:
    """Also one with spaces and other letters; the key's name has neither."""
    api.s3.put("holiday/beach.jpg", name="Am%20Strand%20%E2%98%80%22%0D.jpg")
    result = api.call("GET", "/images/{key}/original", key=KEY)
    query = parse_qs(urlsplit(result.body["url"]).query)
    assert query["response-content-disposition"] == [
        "inline; filename=\"Am-Strand.jpg\"; filename*=UTF-8''Am%20Strand%20%E2%98%80%22.jpg"
    ]


def test_originals_may_be_off(api: Api) -> None:
    """The response is the same for missing originals."""
    add_image(api)
    for key in (KEY, "missing"):
        result = api.with_settings(originals="off").call("GET", "/images/{key}/original", key=key)
        assert (result.status, result.code) == (403, "originals-off")
