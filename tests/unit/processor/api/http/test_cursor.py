"""Pagination cursors."""

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.api.http import cursor
from processor.catalog.entries import Place
from tests.unit.processor.api.conftest import Api

TIME = "2026-05-01T12:00:00.000Z"


@given(st.text(min_size=1, max_size=1024).filter(lambda name: len(name.encode()) <= 1024))
def test_every_place_has_a_cursor(filename: str) -> None:
    """It decodes to the same place, and is no longer than the contract says."""
    encoded = cursor.encode(Place(TIME, filename))
    assert len(encoded) <= cursor.MAX_LENGTH
    assert cursor.decode(encoded) == Place(TIME, filename)


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        [TIME],
        [TIME, ""],
        [TIME, "k" * 1025],
        [TIME, 1],
        ["2026-05-01T12:00:00", "k"],
        ["yesterday", "k"],
        ["", "k"],
        [TIME, "k", "more"],
        {"timestamp": TIME, "filename": "k"},
        b"\xff",
    ],
)
def test_forged_cursors_are_refused(api: Api, content: object) -> None:
    """No cursor reaches DynamoDB that the API cannot have returned."""
    packed = msgspec.msgpack.encode(content)
    forged = base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
    assert api.call("GET", "/images", query={"cursor": forged}).code == "invalid-cursor"


@pytest.mark.parametrize("text", ["", "abc=", "a", "null", "A" * 4097])
def test_other_texts_are_refused(api: Api, text: str) -> None:
    """They are too long, or not what the API encodes."""
    result = api.call("GET", "/images", query={"cursor": text})
    assert (result.status, result.code) == (400, "invalid-cursor")
