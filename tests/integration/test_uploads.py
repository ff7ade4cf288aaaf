"""Uploads by presigned POST: what the API gives leave for, and what S3 makes of the rest."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import httpx
import pytest

from darkroom.cloud import Cloud

from .site import Site

pytestmark = pytest.mark.contract

Sample = Callable[[str], bytes]


def refusal(answer: httpx.Response) -> str | None:
    """S3's code of an error."""
    assert answer.status_code >= 400, answer.text
    return ET.fromstring(answer.content).findtext("Code")  # noqa: S314


def test_an_upload_comes_out(site: Site, sample: Sample) -> None:
    """From the API's leave to renditions at the edge, with the file's name in the key."""
    data = sample("raccoon.jpg")
    leave = site.leave("my raccoon.JPG", type="image/jpeg", size=len(data))
    assert leave["key"].endswith("/my-raccoon.jpg")
    assert site.send(leave, data).status_code in (201, 204)
    image = site.ended(leave["key"])
    assert image["status"] == "done", image
    for each in image["renditions"]:
        picture = site.get(each["path"])
        assert picture.status_code == 200
        assert len(picture.content) == each["bytes"]
        assert picture.headers["content-type"] == each["type"]
        assert each["url"] == site.absolute(each["path"])


def test_the_recipe_of_an_upload(site: Site, sample: Sample) -> None:
    """An upload is made into what the recipe asks for that was named with it."""
    leave = site.leave("face.jpg", recipe="avatar")
    assert site.send(leave, sample("raccoon.jpg")).status_code in (201, 204)
    image = site.ended(leave["key"])
    assert image["recipe"] == "avatar"
    assert "small@2x" in {each["name"] for each in image["renditions"]}


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("scan", ""),
        ("scan.dat", "application/octet-stream"),
        ("scan.png", "image/vnd.mozilla.apng"),
        ("scan", "image/x-made-up"),
        ("scan.jpg", "text/plain"),
    ],
)
def test_the_content_decides(site: Site, sample: Sample, name: str, media_type: str) -> None:
    """A JPEG is processed as one, whatever its name and its media type are."""
    leave = site.leave(name, type=media_type)
    assert site.send(leave, sample("raccoon.jpg")).status_code in (201, 204)
    image = site.ended(leave["key"])
    assert (image["status"], image["format"]) == ("done", "jpeg"), image


def test_several_files_at_once(site: Site) -> None:
    """Each file has an answer of its own, in order; one that is refused holds up no other."""
    files: list[dict[str, object]] = [
        {"name": "a.jpg"},
        {"name": "notes.txt", "type": "text/plain"},
        {"name": "b.png", "size": 10**12},
        {"name": "c.webp", "recipe": "nosuch"},
        {"name": "d.gif"},
    ]
    answer = site.api("POST", "uploads", {"files": files}).json()["uploads"]
    assert [each["name"] for each in answer] == [each["name"] for each in files]
    codes = [each.get("problem", {}).get("code") for each in answer]
    assert codes == [None, "unsupported-type", "too-many-bytes", "unknown-recipe", None]
    assert len({each["key"] for each in answer if "key" in each}) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key", "uploads/elsewhere.jpg"),
        ("key", "../a.jpg"),
        ("Content-Type", "text/html"),
        ("x-amz-meta-recipe", "print"),
        ("x-amz-meta-other", "field"),
        ("acl", "public-read"),
    ],
)
def test_a_field_that_was_changed(site: Site, sample: Sample, field: str, value: str) -> None:
    """S3 takes the form as it was signed, and nothing else."""
    leave = site.leave("a.jpg", recipe="avatar")
    answer = site.send(leave, sample("raccoon.jpg"), **{field: value})
    assert (answer.status_code, refusal(answer)) == (403, "AccessDenied")
    assert site.image(leave["key"]).status_code == 404


def test_a_file_that_is_too_large(site: Site) -> None:
    """S3 counts the bytes that come, whatever was said of them."""
    leave = site.leave("a.jpg", size=10)
    policy = json.loads(base64.b64decode(leave["fields"]["policy"]))
    ranges = [each for each in policy["conditions"] if "content-length-range" in each]
    most = ranges[0][2]
    assert refusal(site.send(leave, bytes(most + 1))) == "EntityTooLarge"
    assert refusal(site.send(leave, b"")) == "EntityTooSmall"


def test_a_signature_that_is_not_ours(site: Site, sample: Sample) -> None:
    """Without the secret, nobody can give leave."""
    leave = site.leave("a.jpg")
    answer = site.send(leave, sample("raccoon.jpg"), **{"x-amz-signature": "0" * 64})
    assert (answer.status_code, refusal(answer)) == (403, "SignatureDoesNotMatch")


def test_a_policy_that_has_expired(site: Site, cloud: Cloud, sample: Sample) -> None:
    """Leave ends when it says so: here with a form that was right a minute ago."""
    credentials = cloud.s3._request_signer._credentials.get_frozen_credentials()  # type: ignore[attr-defined]
    then = datetime.now(UTC) - timedelta(minutes=5)
    stamp, day = f"{then:%Y%m%dT%H%M%SZ}", f"{then:%Y%m%d}"
    region = cloud.s3.meta.region_name
    bucket = cloud.outputs["RawBucket"]
    fields = {
        "key": "uploads/late.jpg",
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-credential": f"{credentials.access_key}/{day}/{region}/s3/aws4_request",
        "x-amz-date": stamp,
    }
    if credentials.token:
        fields["x-amz-security-token"] = credentials.token
    policy = {
        "expiration": f"{then + timedelta(minutes=4):%Y-%m-%dT%H:%M:%SZ}",
        "conditions": [{"bucket": bucket}, *({name: each} for name, each in fields.items())],
    }
    encoded = base64.b64encode(json.dumps(policy).encode()).decode()
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    signature = hmac.digest(key, encoded.encode(), hashlib.sha256).hex()
    form = {**fields, "policy": encoded, "x-amz-signature": signature}
    url = site.leave("a.jpg")["url"]
    answer = site.send({"url": url, "fields": form}, sample("raccoon.jpg"))
    assert (answer.status_code, refusal(answer)) == (403, "AccessDenied")
    assert "expired" in answer.text


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..\\..\\windows\\system32\\a.jpg",
        "a\r\nX-Header: 1.jpg",
        "nul\0l.jpg",
        "\uff46\uff55ll\uff0fwidth\uff0ejpg",
        "dots\u2024\u2024slash\u2215a.jpg",
        "\u202egpj.exe",
        "\ud83d",
        "x" * 10_000 + ".jpg",
        "CON.jpg",
        "",
        ".",
        "名前.jpg",
    ],
)
def test_a_name_that_means_harm(site: Site, sample: Sample, name: str) -> None:
    """Whatever a file is called, its key is one that S3, URLs and the pipeline can live with."""
    leave = site.leave(name, type="image/jpeg")
    folder, place, last = leave["key"].split("/")
    assert folder == "uploads"
    assert len(place) >= 16
    assert last.strip(".")
    assert last.isprintable()
    assert len(leave["key"].encode()) < 200
    assert site.send(leave, sample("raccoon.jpg")).status_code in (201, 204)
    assert site.ended(leave["key"])["status"] == "done"
