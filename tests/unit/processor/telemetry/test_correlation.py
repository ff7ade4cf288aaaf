"""Correlation ids."""

import re
from dataclasses import replace

import pytest

from processor.change import UNKNOWN_SEQUENCER
from processor.sqs.reprocess import message_of, new_request
from processor.sqs.s3_events import read_message
from processor.telemetry.correlation import (
    change_id,
    checked,
    folder_id,
    upload_id,
)
from tests.unit.processor.images.sample_images import encoded, quarters
from tests.unit.processor.pipeline.pipelines import Cloud, created

FOLDER = "abcdefghij234567"
PRESIGNED = f"uploads/{FOLDER}/beach.jpg"
BROUGHT = "0123456789abcdef" * 2


def test_presigned_uploads_are_known_by_their_folder() -> None:
    """Whoever has the key has the id that the API made: before the original is read, and after."""
    assert upload_id(PRESIGNED) == folder_id(FOLDER)
    assert change_id("raw", created(PRESIGNED, "1")) == folder_id(FOLDER)
    assert change_id("raw", created(PRESIGNED, "2")) == folder_id(FOLDER)
    assert re.fullmatch(r"[0-9a-f]{32}", folder_id(FOLDER))


@pytest.mark.parametrize("key", ["beach.jpg", "uploads/short/a.jpg", f"x/{PRESIGNED}"])
def test_other_keys_are_of_no_upload(key: str) -> None:
    """They get an id from their event."""
    assert upload_id(key) is None


def test_an_event_always_has_the_same_id() -> None:
    """Retries share it; another bucket, key or write has another one."""
    change = created("a.jpg", "1")
    others = [
        change_id("other", change),
        change_id("raw", replace(change, key="b.jpg")),
        change_id("raw", replace(change, sequencer="2")),
    ]
    assert change_id("raw", change) == change_id("raw", replace(change, time="later"))
    assert len({change_id("raw", change), *others}) == 4


def test_a_request_shares_the_id_of_its_write() -> None:
    """To process an original again is about the same upload."""
    change = created("a.jpg", f"{'1':0<32}")
    body = message_of("raw", new_request("a.jpg", change.time, change.sequencer))
    (request,) = read_message(body, "raw")
    assert change_id("raw", request) == change_id("raw", change)
    (unknown,) = read_message(
        message_of("raw", new_request("a.jpg", change.time, UNKNOWN_SEQUENCER)), "raw"
    )
    assert change_id("raw", unknown) != change_id("raw", change)


@pytest.mark.parametrize(
    "brought", [None, "", "ABC", BROUGHT.upper(), BROUGHT + "0", f"{BROUGHT}\n"]
)
def test_malformed_ids_are_not_taken(brought: str | None) -> None:
    """Nobody writes what they like into the log."""
    assert checked(brought) is None
    assert checked(BROUGHT) == BROUGHT


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"correlation-id": BROUGHT}, BROUGHT),
        ({"correlation-id": "nonsense"}, change_id("raw", created("a.png"))),
        ({}, change_id("raw", created("a.png"))),
    ],
)
@pytest.mark.parametrize("data", [encoded(quarters(), "PNG"), b"no picture"])
def test_the_entry_has_it(data: bytes, metadata: dict[str, str], expected: str) -> None:
    """What the object brings goes before what its event tells, whatever becomes of the picture."""
    cloud = Cloud()
    cloud.put("a.png", data, **metadata)
    cloud.process(created("a.png"))
    assert cloud.entries["a.png"]["correlation_id"] == expected
