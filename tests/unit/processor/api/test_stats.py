"""``GET /stats``: queue depths, counts, latency and throughput."""

from typing import Any

import pytest

from processor.api.stats import latency, throughput
from tests.unit.processor.api.conftest import Api
from tests.unit.processor.api.services import FakeClock
from tests.unit.processor.api.table import entry

NOW = FakeClock().now
"""Half a period after 2026-05-01T12:00:00Z."""


def test_messages_and_images_are_counted(api: Api) -> None:
    """``dead`` is the depth of the dead-letter queue."""
    for number, status in enumerate(["processing", "done", "done", "failed"]):
        timings = {"since_upload": 100 + number} if status == "done" else None
        api.table.add(
            filename=f"{number}",
            status=status,
            timings=timings,
            timestamp=f"2026-05-01T11:59:0{number}Z",
            updated="2026-05-01T11:59:55Z",
        )
    api.table.add(filename="gone", status="deleted", shard=None)
    result = api.call("GET", "/stats")
    assert result.body == {
        "queue": {"waiting": 3, "in_flight": 2, "dead": 1},
        "newest": {
            "images": 4,
            "processing": 1,
            "done": 2,
            "failed": 1,
            "review": 0,
            "rejected": 0,
            "is_all": True,
        },
        "latency": {"median": 101, "p95": 102, "recent": [102, 101]},
        "throughput": {"seconds": 10, "counts": [*[0] * 28, 3, 0]},
    }


def test_an_empty_catalog_has_no_latency(api: Api) -> None:
    """It is null, not 0."""
    result = api.call("GET", "/stats")
    assert result.body["latency"] is None
    assert result.body["newest"]["images"] == 0
    assert result.body["newest"]["is_all"] is True


@pytest.mark.parametrize(("count", "is_all"), [(500, True), (501, False)])
def test_the_newest_images_are_counted(api: Api, count: int, is_all: bool) -> None:  # noqa: FBT001
    """At most 500, without reading many more."""
    for number in range(count):
        api.table.add(filename=f"{number}", timestamp=f"2026-05-01T12:{number // 60:02}:00Z")
    newest = api.call("GET", "/stats").body["newest"]
    assert (newest["images"], newest["is_all"]) == (500, is_all)
    assert api.table.read <= 700


def test_responses_are_reused_for_a_second(api: Api) -> None:
    """Many requests cause one read of the services."""
    first = api.call("GET", "/stats")
    api.table.add()
    api.clock.sleep(0.75)
    assert api.call("GET", "/stats") == first
    assert api.sqs.depth_requests == 2
    api.clock.sleep(0.25)
    assert api.call("GET", "/stats").body["newest"]["images"] == 1


@pytest.mark.parametrize(
    ("latencies", "median", "p95"),
    [
        ([7], 7, 7),
        ([2, 1], 1, 2),
        (list(range(1, 21)), 10, 19),
        (list(range(100, 0, -1)), 50, 95),
    ],
)
def test_latency_is_by_nearest_rank(latencies: list[int], median: int, p95: int) -> None:
    """Every percentile is a measured value; ``recent`` has the newest first."""
    found: Any = latency([entry(timings={"since_upload": each}) for each in latencies])
    assert (found["median"], found["p95"]) == (median, p95)
    assert found["recent"] == latencies[:30]


def test_reviewed_images_have_no_latency() -> None:
    """Their time includes the wait for a decision."""
    held = entry(timings={"since_upload": 9_000_000}, review={"decision": "approve"})
    found: Any = latency([held, entry(timings={"since_upload": 5})])
    assert found["recent"] == [5]


def test_reprocessed_images_have_no_latency() -> None:
    """Only an upload has the time since S3 stored it."""
    assert latency([entry(timings={"fetch": 3}), entry(timings=None)]) is None


@pytest.mark.parametrize(
    ("updated", "place"),
    [
        ("2026-05-01T12:00:04.999Z", 29),
        ("2026-05-01T12:00:00Z", 29),
        ("2026-05-01T14:00:00+02:00", 29),
        ("2026-05-01T12:00:30Z", 29),
        ("2026-05-01T11:59:59.999Z", 28),
        ("2026-05-01T11:55:10Z", 0),
        ("2026-05-01T11:55:09.999Z", None),
        ("2025-05-01T12:00:00Z", None),
    ],
)
def test_outcomes_fall_into_periods_of_the_clock(updated: str, place: int | None) -> None:
    """The last period contains now; a time in the future counts as now."""
    counts = [0] * 30
    if place is not None:
        counts[place] = 1
    assert throughput([entry(updated=updated)], NOW) == counts
    assert throughput([entry(updated=updated, status="processing")], NOW) == [0] * 30
