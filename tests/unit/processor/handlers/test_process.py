"""The Lambda entry point."""

import importlib
import io
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from localstack_init.deploy import TEMPLATE
from processor.pipeline.process import DEFAULT
from processor.sqs.batch import MAX_ATTEMPTS


class Context:
    """Lambda's, with a minute left."""

    aws_request_id = "request"

    def get_remaining_time_in_millis(self) -> int:
        """A minute."""
        return 60_000


@pytest.fixture
def entry_point(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give the handler's module, imported as Lambda imports it."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
    for name in (
        "RAW_BUCKET",
        "PROCESSED_BUCKET",
        "SITE_BUCKET",
        "CATALOG_TABLE",
        "QUEUE_URL",
        "STACK_NAME",
        "TRACING",
    ):
        monkeypatch.setenv(name, name.lower())
    monkeypatch.setenv("ANALYZE", "off")
    monkeypatch.setenv("MODERATION_CONFIDENCE", "80")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return importlib.import_module("processor.handlers.process")


@pytest.mark.parametrize("again", [[], ["message-1"], ["message-0", "message-1"]])
def test_answers_with_what_is_to_come_again(
    entry_point: ModuleType,
    batch: Callable[..., dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    again: list[str],
) -> None:
    """The batch gets the messages and the time that is left; the answer is Lambda's format."""
    seen: list[Any] = []

    class Recorder:
        def __init__(self, _pipeline: Any, _sqs: Any, remaining: Any, threads: int, _: Any) -> None:
            seen.extend([remaining(), threads])

        def run(self, records: list[dict[str, Any]]) -> list[str]:
            seen.append([each["messageId"] for each in records])
            return again

    monkeypatch.setattr(entry_point, "Batch", Recorder)
    answer = entry_point.handler(batch("s3-put", "s3-two-records"), Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": each} for each in again]}
    assert seen == [60.0, entry_point.processors + 2, ["message-0", "message-1"]]


def test_the_template_and_the_code_agree_on_the_attempts() -> None:
    """The queue's redrive policy and the batch count alike."""
    template = TEMPLATE.read_text()
    assert f"maxReceiveCount: {MAX_ATTEMPTS}\n" in template


def test_recipes_may_name_both_buckets(
    entry_point: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Watermark images are read from the buckets that the environment names."""
    asked: list[tuple[str, str]] = []

    def get_object(Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        asked.append((Bucket, Key))
        return {"Body": io.BytesIO(b"picture")}

    monkeypatch.setattr(entry_point.s3, "get_object", get_object)
    read = entry_point.pipeline.watermark_images.read
    assert read("raw:a/b.png") == read("processed:c:d.png") == b"picture"
    assert asked == [("raw_bucket", "a/b.png"), ("processed_bucket", "c:d.png")]
    with pytest.raises(LookupError, match="'elsewhere' is no bucket: write one of raw, processed"):
        read("elsewhere:a.png")


def test_the_default_recipe_is_there(entry_point: ModuleType) -> None:
    """The pipeline starts with the recipes that ship with it."""
    assert entry_point.pipeline.recipes.has(DEFAULT)
