"""What is in the log, and what never is."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from processor.change import Change
from processor.telemetry.correlation import change_id
from processor.telemetry.log import about, logger
from processor.telemetry.metrics import MetricsBuffer
from tests.unit.processor.pipeline.pipelines import Cloud, Refusing
from tests.unit.processor.sqs.batches import Queue, message

PLACE = {1: "N", 2: (52.0, 31.0, 12.5), 3: "E", 4: (13.0, 24.0, 18.25)}
GPS, ARTIST = 0x8825, 0x013B


class Lines:
    """What was written since."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        """As it was written."""
        return self._stream.getvalue()

    @property
    def records(self) -> list[dict[str, Any]]:
        """Line by line."""
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """Give what is logged."""
    stream = io.StringIO()
    handler = logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    monkeypatch.setattr(handler, "stream", stream)
    return Lines(stream)  # type: ignore[return-value]


def photograph() -> bytes:
    """A JPEG that says where it was taken, and by whom."""
    exif = Image.Exif()
    exif[GPS] = PLACE
    exif[ARTIST] = "Jane Undisclosed"
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, "JPEG", exif=exif)
    return file.getvalue()


def run(cloud: Cloud, *keys: str, number: int = 1) -> None:
    """Work on a batch about these keys."""
    from processor.sqs.batch import Batch  # noqa: PLC0415

    batch = Batch(cloud.deliveries, Queue(), "queue", 3, lambda: 60.0, 1)  # type: ignore[arg-type]
    batch.run([message(key, number=number) for key in keys])


def test_every_line_about_a_picture_has_its_id(lines: Lines) -> None:
    """Whatever becomes of it, and in whichever thread: one id for each picture, on each line."""
    cloud = Cloud({"a.jpg": photograph(), "b.jpg": b"no picture"})
    run(cloud, "a.jpg", "b.jpg", "missing.jpg")
    run(cloud, "a.jpg", number=2)
    said: dict[str, list[str]] = {}
    for record in lines.records:
        change = Change("created", record["key"], "", f"{'1':0<32}")
        assert record["correlation_id"] == change_id("raw", change), record
        assert record["message_id"] == record["key"]
        said.setdefault(record["key"], []).append(record["message"])
    assert said == {
        "a.jpg": ["begun", "done", "duplicate"],
        "b.jpg": ["begun", "failed"],
        "missing.jpg": ["begun", "failed"],
    }


def test_what_an_object_brings_is_on_its_lines_and_no_others(lines: Lines) -> None:
    """From when the original has been read; the next picture has its own."""
    brought = "ab" * 16
    cloud = Cloud({"b.jpg": photograph()})
    cloud.put("a.jpg", photograph(), **{"correlation-id": brought})
    run(cloud, "a.jpg", "b.jpg")
    ids = {
        (each["key"], each["message"]): each["correlation_id"] == brought for each in lines.records
    }
    assert ids == {
        ("a.jpg", "begun"): False,
        ("a.jpg", "done"): True,
        ("b.jpg", "begun"): False,
        ("b.jpg", "done"): False,
    }


@pytest.mark.parametrize("fault", [None, Refusing("PutObject"), Refusing("GetObject")])
def test_nothing_of_the_file_is_told(lines: Lines, fault: Refusing | None) -> None:
    """Neither where a picture was taken, nor by whom, nor its bytes, even when something breaks."""
    cloud = Cloud({"a.jpg": photograph(), "secret.jpg": b"the secret text of a file"})
    if fault:
        cloud.s3.guard = fault
    run(cloud, "a.jpg", "secret.jpg")
    assert len(lines.records) >= 2
    # The bytes of the text, as text and as the hexadecimal digits of its beginning.
    for word in ("Undisclosed", "12.5", "18.25", "GPS", "secret text", "74 68 65 20"):
        assert word not in lines.text
    assert "exception" in lines.text if fault else "exception" not in lines.text


@pytest.mark.parametrize(
    "text",
    [
        "https://b.s3.amazonaws.com/a?X-Amz-Credential=AKIDHIDDEN%2Fx&X-Amz-Signature=HIDDEN",
        "x-amz-security-token=HIDDEN&a=b",
        '{"x-amz-signature": "HIDDEN", "key": "a"}',
    ],
)
def test_signatures_are_struck_out(lines: Lines, text: str) -> None:
    """Should an error quote a presigned request, it cannot be used."""
    logger.error("broken", reason=text)
    assert "HIDDEN" not in lines.text
    (record,) = lines.records
    assert record["message"] == "broken"


def test_fields_hold_for_a_block() -> None:
    """A block's fields end with it, and those around it stay."""
    with about(key="a"):
        with about(key="b", attempt=2):
            assert logger.thread_safe_get_current_keys() == {"key": "b", "attempt": 2}
        assert logger.thread_safe_get_current_keys() == {"key": "a"}
    assert logger.thread_safe_get_current_keys() == {}


def test_metrics_are_reported_before_what_may_end_the_function() -> None:
    """What was counted is not lost with a picture that kills."""
    from tests.unit.processor.sqs.batches import Recorder  # noqa: PLC0415
    from tests.unit.processor.sqs.batches import run as run_batch  # noqa: PLC0415

    recorder = Recorder(crashes={"killer": 1})
    completed_then: list[list[str]] = []

    def report(_tally: MetricsBuffer) -> None:
        completed_then.append([*recorder.completed])

    run_batch(recorder, Queue(), message("fine"), message("killer"), report=report)
    assert completed_then == [["fine"], ["fine", "killer"]]
