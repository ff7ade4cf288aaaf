"""``POST /uploads``."""

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
    """The conditions that S3 holds an upload against."""
    conditions = json.loads(base64.b64decode(upload["fields"]["policy"]))["conditions"]
    return list(conditions)


def ask(api: Api, **file: Any) -> Any:
    """The answer for one file."""
    said = api.call("POST", "/uploads", {"files": [{"name": "beach.jpg", **file}]})
    assert said.status == 200
    (upload,) = said.body["uploads"]
    return upload


def test_s3_takes_only_what_was_asked_for(api: Api) -> None:
    """The policy fixes key, type, recipe and answer, and bounds the size."""
    upload = ask(api, name="My beach.JPG", type="image/jpeg", size=5, recipe="avatar")
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
    # S3 refuses a form with a field of which the policy says nothing, and one that lacks one.
    named = {name for each in policy(upload) if isinstance(each, dict) for name in each}
    assert named - {"bucket"} == fields.keys() - {"policy", "x-amz-signature"}


def test_without_a_recipe_none_may_be_sent(api: Api) -> None:
    """The default one is used then."""
    upload = ask(api)
    assert not any("recipe" in json.dumps(each) for each in policy(upload))
    assert "x-amz-meta-recipe" not in upload["fields"]


def test_it_expires_in_ten_minutes(api: Api) -> None:
    """The answer says so, and the policy holds to it."""
    upload = ask(api)
    held = json.loads(base64.b64decode(upload["fields"]["policy"]))["expiration"]
    told, holds = (datetime.fromisoformat(each) for each in (upload["expires"], held))
    # Never later than S3 holds to it.
    assert timedelta(0) <= holds - told <= timedelta(seconds=1)
    assert abs(told - datetime.now(UTC) - timedelta(minutes=10)) < timedelta(seconds=5)


def test_keys_differ(api: Api) -> None:
    """Two files of one name do not meet."""
    said = api.call("POST", "/uploads", {"files": [{"name": "a.jpg"}] * 100})
    assert len({each["key"] for each in said.body["uploads"]}) == 100


@pytest.mark.parametrize(
    ("name", "media_type", "expected"),
    [
        *[("a", media_type, media_type) for media_type in TYPES],
        *[("a", alias, usual) for alias, usual in ALIASES.items()],
        *[(f"a.{e.upper()}", "", t) for t, extensions in TYPES.items() for e in extensions],
        ("a.png", "application/octet-stream", "image/png"),
        ("a.png", "Application/Octet-Stream; x=y", "image/png"),
        ("a.txt", "IMAGE/JPEG; charset=binary", "image/jpeg"),
        ("a.png", " image/gif ", "image/gif"),
    ],
)
def test_pictures_have_many_names(api: Api, name: str, media_type: str, expected: str) -> None:
    """Aliases get their usual name; where nothing is known of the type, the extension tells."""
    assert ask(api, name=name, type=media_type)["fields"]["Content-Type"] == expected


@pytest.mark.parametrize(
    ("file", "code", "detail"),
    [
        ({"type": "text/html"}, "unsupported-type", r"'text/html' are not accepted\. .*AVIF"),
        ({"type": "image/svg+xml"}, "unsupported-type", "Accepted: JPEG, PNG"),
        ({"type": "image"}, "unsupported-type", "Accepted"),
        ({"name": "a.exe"}, "unsupported-type", "The name tells of no picture"),
        ({"name": "jpg"}, "unsupported-type", "The name tells of no picture"),
        ({"size": 0}, "empty", "The file is empty"),
        ({"size": MAX + 1}, "too-many-bytes", f"at most {MAX:,}"),
        ({"size": 10**40}, "too-many-bytes", f"at most {MAX:,}"),
        ({"recipe": "missing"}, "unknown-recipe", "There are: avatar, default, print"),
        ({"recipe": ""}, "unknown-recipe", "There are: avatar"),
        ({"recipe": '{"renditions":[]}'}, "unknown-recipe", "There are: avatar"),
        ({"recipe": "avatar\r\nx-amz-acl: public"}, "unknown-recipe", "There are: avatar"),
    ],
)
def test_a_file_that_would_be_refused_holds_up_no_other(
    api: Api, file: dict[str, Any], code: str, detail: str
) -> None:
    """It has a problem in the place of its leave."""
    files = [{"name": "a.jpg"}, {"name": "b.jpg", **file}, {"name": "c.jpg"}]
    first, refused, last = api.call("POST", "/uploads", {"files": files}).body["uploads"]
    assert (first["name"], last["name"]) == ("a.jpg", "c.jpg")
    assert refused.keys() == {"name", "problem"}
    assert refused["name"] == files[1]["name"]
    assert refused["problem"]["code"] == code
    assert re.search(detail, refused["problem"]["detail"])


def test_the_largest_file_is_accepted(api: Api) -> None:
    """The bound is the engine's own."""
    assert "key" in ask(api, size=MAX)


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
def test_the_body_is_read_strictly(api: Api, body: object, detail: str) -> None:
    """The answer says where it is wrong, and what is allowed there."""
    said = api.call("POST", "/uploads", body)
    assert (said.status, said.code) == (400, "invalid-request")
    assert re.search(detail, said.body["detail"]), said.body["detail"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r"a\ud800.jpg", "a\ufffd.jpg"),
        (r"a\uDFFFb.jpg", "a\ufffdb.jpg"),
        (r"\ud83d\ude00.jpg", "😀.jpg"),
        (r"\\ud800.jpg", r"\ud800.jpg"),
        (r"\\\ud800.jpg", "\\\ufffd.jpg"),
        (r"\ud83d\ud83d\ude00.jpg", "\ufffd😀.jpg"),
    ],
)
def test_halves_of_surrogate_pairs_are_replaced(api: Api, written: str, name: str) -> None:
    """JavaScript may send them; one such name does not hold up the other files."""
    said = api.call("POST", "/uploads", f'{{"files":[{{"name":"{written}"}},{{"name":"b.png"}}]}}')
    first, second = said.body["uploads"]
    assert first["name"] == name
    assert "key" in first
    assert "key" in second
