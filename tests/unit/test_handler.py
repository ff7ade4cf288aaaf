"""The Lambda entry point."""

import importlib
import io
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from localstack_init.deploy import TEMPLATE
from processor.events import ObjectCreated
from processor.pipeline import DEFAULT

Batch = Callable[..., dict[str, Any]]


@pytest.fixture
def entry_point(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give the handler's module, imported as Lambda imports it."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
    for name in ("RAW_BUCKET", "PROCESSED_BUCKET", "CATALOG_TABLE"):
        monkeypatch.setenv(name, name.lower())
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return importlib.import_module("processor.handlers.process")


class Recorder:
    """Plays the pipeline; fails on keys that hold ``failing``."""

    def __init__(self, failing: str = "\0") -> None:
        self.seen: list[str] = []
        self.last_attempts = 0
        self.failing = failing

    def process(self, event: ObjectCreated, *, is_last_attempt: bool) -> None:
        """Note the key."""
        self.last_attempts += is_last_attempt
        self.seen.append(event.key)
        if self.failing in event.key:
            raise RuntimeError(event.key)


def test_processes_every_object(
    entry_point: ModuleType, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All records of all messages are processed, and none is to come again."""
    recorder = Recorder()
    monkeypatch.setattr(entry_point, "pipeline", recorder)
    answer = entry_point.handler(batch("s3-put", "s3-test-event", "s3-two-records"), None)
    assert answer == {"batchItemFailures": []}
    assert recorder.seen == ["holiday/beach.jpg", "a.jpg", "b.png"]


def test_one_failure_does_not_touch_its_batch_mates(
    entry_point: ModuleType, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the message that failed is to be delivered again."""
    recorder = Recorder(failing="beach")
    monkeypatch.setattr(entry_point, "pipeline", recorder)
    answer = entry_point.handler(batch("s3-two-records", "s3-put", "s3-two-records"), None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "message-1"}]}
    assert recorder.seen.count("b.png") == 2


def test_a_malformed_message_is_given_back(
    entry_point: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What S3 did not write goes back, and so to the dead-letter queue in the end."""
    monkeypatch.setattr(entry_point, "pipeline", Recorder())
    record = {
        "messageId": "m",
        "body": "nonsense",
        "attributes": {"ApproximateReceiveCount": "1"},
    }
    answer = entry_point.handler({"Records": [record]}, None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m"}]}


@pytest.mark.parametrize(("attempt", "is_last"), [("1", 0), ("2", 0), ("3", 1), ("4", 1)])
def test_the_last_attempt_is_known(
    entry_point: ModuleType,
    batch: Batch,
    monkeypatch: pytest.MonkeyPatch,
    attempt: str,
    is_last: int,
) -> None:
    """The queue delivers a message three times; the third is the last chance to record a reason."""
    recorder = Recorder()
    monkeypatch.setattr(entry_point, "pipeline", recorder)
    event = batch("s3-put")
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = attempt
    entry_point.handler(event, None)
    assert recorder.last_attempts == is_last


def test_the_template_and_the_handler_agree_on_the_attempts(entry_point: ModuleType) -> None:
    """The queue's redrive policy and the handler count alike."""
    template = TEMPLATE.read_text()
    assert f"maxReceiveCount: {entry_point.MAX_ATTEMPTS}\n" in template


def test_recipes_may_name_both_buckets(
    entry_point: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marks are read from the buckets that the environment names, by the words of the recipe."""
    asked: list[tuple[str, str]] = []

    def get_object(Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        asked.append((Bucket, Key))
        return {"Body": io.BytesIO(b"picture")}

    monkeypatch.setattr(entry_point.s3, "get_object", get_object)
    read = entry_point.pipeline.marks.read
    assert read("raw:a/b.png") == read("processed:c:d.png") == b"picture"
    assert asked == [("raw_bucket", "a/b.png"), ("processed_bucket", "c:d.png")]
    with pytest.raises(LookupError, match="'elsewhere' is no bucket: write one of raw, processed"):
        read("elsewhere:a.png")


def test_the_default_recipe_is_there(entry_point: ModuleType) -> None:
    """The pipeline starts with the recipes that ship with it."""
    assert DEFAULT in entry_point.pipeline.recipes
