"""JSON bodies: content type, size, whole numbers and surrogates."""

import pytest

from processor.api.http.decoding import MAX_BODY, with_integers
from tests.speed import limit
from tests.unit.processor.api.conftest import Api


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/uploads"), ("POST", "/images/{key}/process")]
)
@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        ("{}", "", 415, "not-json"),
        ("{}", "text/plain", 415, "not-json"),
        ("{}", "application/x-www-form-urlencoded", 415, "not-json"),
        ("{}", "application/jsonp", 415, "not-json"),
        (None, "application/json", 400, "invalid-json"),
        ("", "application/json", 400, "invalid-json"),
        ("{", "application/json", 400, "invalid-json"),
        ("{}{}", "application/json", 400, None),
        ("\ufeff{}", "application/json", 400, "invalid-json"),
        ("NaN", "application/json", 400, "invalid-json"),
        ('{"recipe":' + "[" * 100_000, "application/json", 400, None),
        ('{"files":' + "[" * 100_000, "application/json", 400, None),
        ('"' + "x" * 300_000 + '"', "application/json", 413, "body-too-large"),
        ('"' + "é" * 131_071 + '"', "application/json", 400, "invalid-request"),
        ('"' + "é" * 131_072 + '"', "application/json", 413, "body-too-large"),
        ("[]", "application/json; charset=utf-8", 400, "invalid-request"),
        ("[]", "APPLICATION/JSON ;x=y", 400, "invalid-request"),
    ],
)
def test_bodies_are_json(
    api: Api,
    method: str,
    path: str,
    body: str | None,
    content_type: str,
    status: int,
    code: str | None,
) -> None:
    """Of the right content type, within the limit, and not nested too deeply."""
    headers = {"Content-Type": content_type} if content_type else {}
    event = {"httpMethod": method, "resource": path, "headers": headers, "body": body}
    result = api.send({**event, "pathParameters": {"key": "a"}, "isBase64Encoded": False})
    assert result.status == status
    if code:
        assert result.code == code


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"[600.0,-2.0,1e3,0.0e0]", b"[600,-2,1000,0]"),
        (b"[0.5,-1.25e-2,600]", b"[0.5,-1.25e-2,600]"),
        (b'{"1.0":"a \\" 2.0","b":3.0}', b'{"1.0":"a \\" 2.0","b":3}'),
        (b"[1e300,1e400,123456789012345678901234567890]",) * 2,
        (b'[01.0,1.,.5,1.0.0,-,"2.0',) * 2,
    ],
)
def test_whole_numbers_are_integers(written: bytes, read: bytes) -> None:
    """As in JSON Schema, with or without a fraction; invalid JSON stays invalid."""
    assert with_integers(written) == read


@pytest.mark.timeout(limit(10))
@pytest.mark.parametrize("part", [b'\\"', b"1.0,", b"1.0", b'"', b"1.e"])
def test_no_body_takes_long(part: bytes) -> None:
    """The time is linear in the body's size, for hostile bodies, too."""
    with_integers(b'1.0"' + part * (MAX_BODY // len(part)))


def test_whole_numbers_with_a_fraction_are_accepted(api: Api) -> None:
    """Where the contract says integer: in the body itself, and in a recipe inside it."""
    files = {"files": [{"name": "a.jpg", "size": 5069.0}]}
    (upload,) = api.call("POST", "/uploads", files).body["uploads"]
    assert "key" in upload
    api.s3.put("a")
    rendition = {"name": "a", "resize": {"width": 600.0}, "output": {"format": "webp"}}
    body = {"recipe": {"renditions": [rendition]}}
    assert api.call("POST", "/images/{key}/process", body, key="a").status == 202
    files = {"files": [{"name": "a.jpg", "size": 0.5}]}
    assert api.call("POST", "/uploads", files).code == "invalid-request"


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
def test_unpaired_surrogates_are_replaced(api: Api, written: str, name: str) -> None:
    """JavaScript may send them; such a name does not affect the other files."""
    body = f'{{"files":[{{"name":"{written}"}},{{"name":"b.png"}}]}}'
    first, second = api.call("POST", "/uploads", body).body["uploads"]
    assert first["name"] == name
    assert "key" in first
    assert "key" in second
