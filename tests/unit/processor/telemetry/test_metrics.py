"""The metrics' documents, held against AWS's specification."""

import json
import threading
from typing import Any

import jsonschema
import pytest

from processor.telemetry.metrics import (
    UNITS,
    MetricsBuffer,
)
from processor.telemetry.timings import METRIC_STAGES
from tests.unit.processor.images.sample_images import encoded, quarters
from tests.unit.processor.pipeline.pipelines import Cloud, created
from tests.unit.processor.sqs.batches import (
    Queue,
    Recorder,
    message,
    run,
)
from tests.unit.processor.telemetry.emf import SCHEMA


def documents(metrics: MetricsBuffer) -> list[dict[str, Any]]:
    """What is written, read; each of them is held against the specification."""
    found = [json.loads(json.dumps(each)) for each in metrics.documents("stack")]
    for each in found:
        jsonschema.validate(each, SCHEMA)
        for directive in each["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                assert all(isinstance(each[name], str) and each[name] for name in names)
            for metric in directive["Metrics"]:
                values = each[metric["Name"]]
                assert len(values if isinstance(values, list) else [values]) <= 100
    return found


def values(found: list[dict[str, Any]], metric: str, **by: str) -> list[float]:
    """All values of a metric under a dimension."""
    told: list[float] = []
    for each in found:
        directive = each["_aws"]["CloudWatchMetrics"][0]
        has_it = metric in {name["Name"] for name in directive["Metrics"]}
        is_by = {"Stack", *by} in map(set, directive["Dimensions"])
        if has_it and is_by and all(each[name] == value for name, value in by.items()):
            told += each[metric] if isinstance(each[metric], list) else [each[metric]]
    return told


def test_a_picture_that_is_done() -> None:
    """It counts once, with its bytes, its times and those of each stage."""
    cloud, metrics = Cloud({"a.png": encoded(quarters(), "PNG")}), MetricsBuffer()
    cloud.process(created("a.png"), metrics=metrics)
    found = documents(metrics)
    assert values(found, "ImagesDone") == [1]
    assert values(found, "BytesIn") == [len(encoded(quarters(), "PNG"))]
    assert values(found, "BytesOut") == [sum(len(each.data) for each in cloud.renditions.values())]
    assert len(values(found, "ProcessingTime")) == len(values(found, "QueueTime")) == 1
    counts = {stage: len(values(found, "StageTime", Stage=stage)) for stage in METRIC_STAGES}
    assert counts == {**dict.fromkeys(METRIC_STAGES, 1), "analyze": 0}
    assert not values(found, "ImagesFailed")


def test_a_picture_that_fails() -> None:
    """It counts by its reason, and in all."""
    cloud, metrics = Cloud({"a.png": b"no picture"}), MetricsBuffer()
    cloud.process(created("a.png"), metrics=metrics)
    found = documents(metrics)
    assert values(found, "ImagesFailed") == [1]
    assert values(found, "ImagesFailed", Reason="unsupported-format") == [1]
    assert not values(found, "ImagesDone")


def test_a_duplicate() -> None:
    """What has its outcome already is dropped, and counted."""
    cloud, metrics = Cloud({"a.png": b"no picture"}), MetricsBuffer()
    for _ in range(3):
        cloud.process(created("a.png"), metrics=metrics)
    found = documents(metrics)
    assert values(found, "DuplicatesDropped") == [2]
    assert values(found, "ImagesFailed") == [1]


def test_what_comes_again_and_how_old_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliveries after the first are retries; the oldest message tells the queue's age."""
    monkeypatch.setattr("processor.sqs.batch.time.time", lambda: 1_000.0)
    messages = [message("a"), message("b", number=2), message("c", number=3)]
    for each, sent in zip(messages, (990_000, 970_500, 999_000), strict=True):
        each["attributes"]["SentTimestamp"] = str(sent)
    told: list[dict[str, Any]] = []
    run(Recorder(), Queue(), *messages, report=lambda metrics: told.extend(documents(metrics)))
    assert values(told, "Retries") == [2]
    assert values(told, "OldestMessageAge") == [29.5]


def test_more_values_than_an_array_may_hold() -> None:
    """They are spread over documents, and none is lost or told twice."""
    metrics = MetricsBuffer()

    def count() -> None:
        for each in range(50):
            metrics.done(1, 2, each)

    threads = [threading.Thread(target=count) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = documents(metrics)
    assert sorted(values(found, "ProcessingTime")) == sorted([*range(50)] * 5)
    assert values(found, "ImagesDone") == [250]
    assert len(found) == 3


def test_what_was_told_is_forgotten() -> None:
    """The next report says what came since."""
    metrics = MetricsBuffer()
    metrics.count("Retries")
    assert values(documents(metrics), "Retries") == [1]
    assert documents(metrics) == []


def test_units_are_cloudwatchs() -> None:
    """Each metric has a unit that CloudWatch knows."""
    known = SCHEMA["properties"]["_aws"]["properties"]["CloudWatchMetrics"]["items"]
    units = known["properties"]["Metrics"]["items"]["properties"]["Unit"]["enum"]
    assert set(UNITS.values()) <= set(units)
