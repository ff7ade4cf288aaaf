"""``POST /uploads``: presigned POSTs and refusals."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from processor.api.media_types import ALIASES, TYPES
from processor.images import Limits
from processor.telemetry.correlation import upload_id
from tests.unit.processor.api.conftest import Api

MAX = Limits.within(1769).max_bytes


def policy(upload: dict[str, Any]) -> list[Any]:
    """Return the conditions that S3 checks."""
    conditions = json.loads(base64.b64decode(upload["fields"]["policy"]))["conditions"]
    return list(conditions)


def create_upload(api: Api, **file: Any) -> Any:
    """Return the presigned POST of one file."""
    result = api.call("POST", "/uploads", {"files": [{"name": "beach.jpg", **file}]})
    assert result.status == 200
    (upload,) = result.body["uploads"]
    return upload


def test_the_policy_allows_only_this_upload(api: Api) -> None:
    """It fixes key, content type, recipe and status, and limits the size."""
    upload = create_upload(api, name="My beach.JPG", type="image/jpeg", size=5, recipe="avatar")
    assert re.fullmatch(r"uploads/[a-z2-7]{16}/My-beach\.jpg", upload["key"])
    assert upload["name"] == "My beach.JPG"
    assert upload["url"] == "https://raw.s3.eu-central-1.amazonaws.com/"
    fields = upload["fields"]
    assert fields["key"] == upload["key"]
    for condition in (
        {"key": upload["key"]},
        {"bucket": "raw"},
        {"Content-Type": "image/jpeg"},
        {"x-amz-meta-recipe": "avatar"},
        {"x-amz-meta-correlation-id": upload_id(upload["key"])},
        {"success_action_status": "204"},
        ["content-length-range", 1, MAX],
    ):
        assert condition in policy(upload)
    # S3 refuses a form with a field that has no condition, and a condition without a field.
    named = {name for each in policy(upload) if isinstance(each, dict) for name in each}
    assert named - {"bucket"} == fields.keys() - {"policy", "x-amz-signature"}


def test_without_a_recipe_the_form_has_none(api: Api) -> None:
    """The pipeline then uses the default recipe."""
    upload = create_upload(api)
    assert not any("recipe" in json.dumps(each) for each in policy(upload))
    assert "x-amz-meta-recipe" not in upload["fields"]


def test_it_expires_in_ten_minutes(api: Api) -> None:
    """The response and the policy have the same time."""
    upload = create_upload(api)
    expiration = json.loads(base64.b64decode(upload["fields"]["policy"]))["expiration"]
    returned, enforced = (datetime.fromisoformat(each) for each in (upload["expires"], expiration))
    # The response is never later than the policy.
    assert timedelta(0) <= enforced - returned <= timedelta(seconds=1)
    assert abs(returned - datetime.now(UTC) - timedelta(minutes=10)) < timedelta(seconds=5)
    assert upload["expires_in"] == 600


def test_every_upload_has_its_own_key(api: Api) -> None:
    """Files with the same name do not overwrite each other."""
    result = api.call("POST", "/uploads", {"files": [{"name": "a.jpg"}] * 100})
    assert len({each["key"] for each in result.body["uploads"]}) == 100


@pytest.mark.parametrize(
    ("name", "media_type", "expected"),
    [
        *[("a", media_type, media_type) for media_type in TYPES],
        *[("a", alias, usual) for alias, usual in ALIASES.items()],
        *[(f"a.{e.upper()}", "", t) for t, extensions in TYPES.items() for e in extensions],
        ("a", "image/vnd.mozilla.apng", "image/png"),
        ("a", "image/vnd.microsoft.bmp", "image/bmp"),
        ("a", "image/heic-sequence", "image/heic"),
        ("a.png", "application/octet-stream", "image/png"),
        ("a.png", "Application/Octet-Stream; x=y", "image/png"),
        ("a.txt", "IMAGE/JPEG; charset=binary", "image/jpeg"),
        ("a.png", " image/gif ", "image/gif"),
        ("a.jpg", "text/plain", "image/jpeg"),
        ("a.bmp", "application/x-bmp", "image/bmp"),
        ("scan", "", "application/octet-stream"),
        ("a.jpg.part", "", "application/octet-stream"),
        ("jpg", "binary/octet-stream", "application/octet-stream"),
        ("a", "image/x-made-up", "application/octet-stream"),
    ],
)
def test_the_content_type_is_a_registered_one(
    api: Api, name: str, media_type: str, expected: str
) -> None:
    """Aliases become the registered type, others follow from the extension, and an unknown type of
    a file without one is bounded to bytes: the content decides.
    """
    assert create_upload(api, name=name, type=media_type)["fields"]["Content-Type"] == expected


@pytest.mark.parametrize(
    ("file", "code", "detail"),
    [
        (
            {"name": "b", "type": "text/html"},
            "unsupported-type",
            r"'text/html' are not supported\. .*AVIF",
        ),
        (
            {"name": "b.svg", "type": "image/svg+xml"},
            "unsupported-type",
            "supported format.*: JPEG, PNG",
        ),
        ({"name": "jpg", "type": "image"}, "unsupported-type", "'image' are not supported"),
        ({"size": 0}, "empty", "The file is empty"),
        ({"size": MAX + 1}, "too-many-bytes", f"at most {MAX:,}"),
        ({"size": 10**40}, "too-many-bytes", f"at most {MAX:,}"),
        ({"recipe": "missing"}, "unknown-recipe", "Use one of: avatar, default, print"),
        ({"recipe": ""}, "unknown-recipe", "Use one of: avatar"),
        ({"recipe": '{"renditions":[]}'}, "unknown-recipe", "Use one of: avatar"),
        ({"recipe": "avatar\r\nx-amz-acl: public"}, "unknown-recipe", "Use one of: avatar"),
    ],
)
def test_a_refused_file_does_not_affect_the_others(
    api: Api, file: dict[str, Any], code: str, detail: str
) -> None:
    """It has a problem in the place of a presigned POST."""
    files = [{"name": "a.jpg"}, {"name": "b.jpg", **file}, {"name": "c.jpg"}]
    first, refused, last = api.call("POST", "/uploads", {"files": files}).body["uploads"]
    assert (first["name"], last["name"]) == ("a.jpg", "c.jpg")
    assert refused.keys() == {"name", "problem"}
    assert refused["name"] == files[1]["name"]
    assert refused["problem"]["code"] == code
    assert re.search(detail, refused["problem"]["detail"])


def test_the_largest_file_is_accepted(api: Api) -> None:
    """The limit is the engine's."""
    assert "key" in create_upload(api, size=MAX)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "missing required field `files`"),
        ({"files": []}, r"length >= 1.*\$\.files.*1 to 100 items"),
        ({"files": [{"name": "a"}] * 101}, r"<= 100"),
        ({"files": None}, r"Expected `array`, got `null` - at `\$\.files`"),
        ({"files": [{}]}, r"`name` - at `\$\.files\[0\]`"),
        ({"files": [{"name": None}]}, r"Expected `str`, got `null` - at `\$\.files\[0\]\.name`"),
        ({"files": [{"name": "a", "type": None}]}, "Expected `str`"),
        ({"files": [{"name": "a", "size": "1"}]}, "Expected `int`, got `str`"),
        ({"files": [{"name": "a", "size": 1.5}]}, "Expected `int`, got `float`"),
        ({"files": [{"name": "a", "size": -1}]}, ">= 0"),
        ({"files": [{"name": "a", "size": True}]}, "Expected `int`, got `bool`"),
        ({"files": [{"name": "a", "sise": 1}]}, "unknown field `sise`.*did you mean `size`"),
        ({"files": [{"name": "x" * 20_001}]}, "<= 20000"),
        ({"files": [], "more": 1}, "unknown field `more`|length >= 1"),
        ([], "Expected `object`, got `array`"),
        ("null", "Expected `object`, got `null`"),
    ],
)
def test_invalid_bodies_are_refused(api: Api, body: object, detail: str) -> None:
    """The detail has the path of the invalid value, and what is allowed there."""
    result = api.call("POST", "/uploads", body)
    assert (result.status, result.code) == (400, "invalid-request")
    assert re.search(detail, result.body["detail"]), result.body["detail"]
