"""The Lambda entry point."""

import importlib
import io
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from processor.change import DEFAULT_RECIPE
from tests.unit.processor.test_settings import PROCESS


class Context:
    """Lambda's, with a minute left."""

    aws_request_id = "request"

    def get_remaining_time_in_millis(self) -> int:
        """A minute."""
        return 60_000


@pytest.fixture
def entry_point(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give the handler's module, imported as Lambda imports it."""
    for name, value in {**PROCESS, "ANALYZE": "off"}.items():
        monkeypatch.setenv(name, value)
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
        def __init__(self, *given: Any) -> None:
            _deliveries, _sqs, queue_url, max_receive_count, remaining, threads, _report = given
            assert (queue_url, max_receive_count) == (PROCESS["QUEUE_URL"], 3)
            seen.extend([remaining(), threads])

        def run(self, records: list[dict[str, Any]]) -> list[str]:
            seen.append([each["messageId"] for each in records])
            return again

    monkeypatch.setattr(entry_point, "Batch", Recorder)
    answer = entry_point.handler(batch("s3-put", "s3-two-records"), Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": each} for each in again]}
    assert seen == [60.0, entry_point.processors + 2, ["message-0", "message-1"]]


def test_recipes_may_name_both_buckets(
    entry_point: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Watermark images are read from the buckets that the environment names."""
    asked: list[tuple[str, str]] = []

    def get_object(Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        asked.append((Bucket, Key))
        return {"Body": io.BytesIO(b"picture")}

    monkeypatch.setattr(entry_point.s3, "get_object", get_object)
    read = entry_point.deliveries.pipeline.watermark_images.read
    assert read("raw:a/b.png") == read("processed:c:d.png") == b"picture"
    assert asked == [("raw", "a/b.png"), ("processed", "c:d.png")]
    with pytest.raises(LookupError, match="no bucket 'elsewhere': use one of raw, processed"):
        read("elsewhere:a.png")


def test_the_default_recipe_is_there(entry_point: ModuleType) -> None:
    """The pipeline starts with the recipes that ship with it."""
    assert entry_point.deliveries.pipeline.recipes.has(DEFAULT_RECIPE)
