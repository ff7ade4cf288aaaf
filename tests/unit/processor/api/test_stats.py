"""``GET /stats``."""

from typing import Any

import pytest

from processor.api import stats
from processor.api.stats import latency, throughput
from tests.unit.processor.api.conftest import Api
from tests.unit.processor.api.services import entry

NOW = 1_777_636_805.0
"""Half a period after 2026-05-01T12:00:00Z."""


class Clock:
    """Time that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.monotonic_time = 100.0

    def time(self) -> float:
        """The time of day."""
        return NOW

    def monotonic(self) -> float:
        """The time since some moment."""
        return self.monotonic_time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Give the clock by which the statistics go."""
    made = Clock()
    monkeypatch.setattr(stats, "time", made)
    return made


@pytest.mark.usefixtures("clock")
def test_queues_and_pictures_are_counted(api: Api) -> None:
    """The dead-letter queue's messages are the dead ones."""
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
    said = api.call("GET", "/stats")
    assert said.body == {
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


def test_there_may_be_nothing(api: Api) -> None:
    """No latency is null, not 0."""
    said = api.call("GET", "/stats")
    assert said.body["latency"] is None
    assert said.body["newest"]["images"] == 0
    assert said.body["newest"]["is_all"] is True


@pytest.mark.parametrize(("count", "is_all"), [(500, True), (501, False)])
def test_the_newest_are_counted(api: Api, count: int, is_all: bool) -> None:  # noqa: FBT001
    """At most 500, and not many more are read."""
    for number in range(count):
        api.table.add(filename=f"{number}", timestamp=f"2026-05-01T12:{number // 60:02}:00Z")
    newest = api.call("GET", "/stats").body["newest"]
    assert (newest["images"], newest["is_all"]) == (500, is_all)
    assert api.table.read <= 700


def test_answers_are_kept_for_a_second(api: Api, clock: Clock) -> None:
    """However many pages ask, the services are asked once."""
    first = api.call("GET", "/stats")
    api.table.add()
    clock.monotonic_time += 0.99
    assert api.call("GET", "/stats") == first
    assert api.sqs.asked == 2
    clock.monotonic_time += 0.01
    assert api.call("GET", "/stats").body["newest"]["images"] == 1


@pytest.mark.parametrize(
    ("told", "median", "p95"),
    [
        ([7], 7, 7),
        ([2, 1], 1, 2),
        (list(range(1, 21)), 10, 19),
        (list(range(100, 0, -1)), 50, 95),
    ],
)
def test_latency_is_by_nearest_rank(told: list[int], median: int, p95: int) -> None:
    """Every figure is one that was measured; the newest come first."""
    found: Any = latency([entry(timings={"since_upload": each}) for each in told])
    assert (found["median"], found["p95"]) == (median, p95)
    assert found["recent"] == told[:30]


def test_a_persons_time_is_no_latency() -> None:
    """What was held says how long somebody thought about it."""
    held = entry(timings={"since_upload": 9_000_000}, review={"decision": "approve"})
    found: Any = latency([held, entry(timings={"since_upload": 5})])
    assert found["recent"] == [5]


def test_requests_have_no_latency() -> None:
    """Only an upload is waited for from S3 on."""
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
    """The last period is not over yet; a clock that is ahead counts as now."""
    counts = [0] * 30
    if place is not None:
        counts[place] = 1
    assert throughput([entry(updated=updated)], NOW) == counts
    assert throughput([entry(updated=updated, status="processing")], NOW) == [0] * 30
