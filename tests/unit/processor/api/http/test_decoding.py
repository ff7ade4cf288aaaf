"""What a body is made into before it is read."""

import pytest

from processor.api.http.decoding import MAX_BODY, whole
from tests.unit.processor.api.conftest import Api


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
    """As in JSON Schema, however they are written; what is no JSON stays none."""
    assert whole(written) == read


@pytest.mark.timeout(10)
@pytest.mark.parametrize("part", [b'\\"', b"1.0,", b"1.0", b'"', b"1.e"])
def test_no_body_takes_long(part: bytes) -> None:
    """The time grows as the body does, even where it is made to harm."""
    whole(b'1.0"' + part * (MAX_BODY // len(part)))


def test_numbers_with_a_fraction_are_taken(api: Api) -> None:
    """Where the document says integer: in the body itself, and in a recipe within it."""
    files = {"files": [{"name": "a.jpg", "size": 5069.0}]}
    (upload,) = api.call("POST", "/uploads", files).body["uploads"]
    assert "key" in upload
    api.s3.put("a")
    rendition = {"name": "a", "resize": {"width": 600.0}, "output": {"format": "webp"}}
    body = {"recipe": {"renditions": [rendition]}}
    assert api.call("POST", "/images/{key}/process", body, key="a").status == 202
    files = {"files": [{"name": "a.jpg", "size": 0.5}]}
    assert api.call("POST", "/uploads", files).code == "invalid-request"
