"""Commands on a machine whose clock is wrong."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from darkroom.clock import ServerClock, clock
from darkroom.operations.logs import LogFilter, read_logs
from darkroom.terminal.units import age
from tests.unit.darkroom.operations.test_logs import Logs

DAYS = 86_400


def answered(date: str) -> ServerClock:
    """Return a clock after a response with this ``Date``."""
    followed = ServerClock()
    client = boto3.client("cloudformation", region_name="us-east-1")
    followed.follow(client)
    with Stubber(client) as stub:
        metadata: Any = {"HTTPHeaders": {"date": date} if date else {}}
        stub.add_response("describe_stacks", {"Stacks": [], "ResponseMetadata": metadata})
        client.describe_stacks()
    return followed


@pytest.mark.parametrize("ahead", [-3 * DAYS, -600, 600, 3 * DAYS])
def test_the_endpoints_clock_is_followed(ahead: int) -> None:
    """The time is that of the endpoint's response, however wrong this machine's is."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
    assert answered(date).now() - time.time() == pytest.approx(ahead, abs=2)


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_a_response_without_a_date(date: str) -> None:
    """The time is this machine's."""
    assert answered(date).ahead == 0


def test_a_small_difference_is_the_networks() -> None:
    """Ages of seconds stay exact: the header has whole seconds."""
    assert answered(format_datetime(datetime.now(UTC), usegmt=True)).ahead == 0


def test_ages_and_periods_follow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine whose clock is three days ahead, a new image is seconds old, and the log of the
    last ten minutes has its lines.
    """
    monkeypatch.setattr(clock, "ahead", -3 * DAYS)
    written = datetime.now(UTC) - timedelta(days=3, seconds=20)
    assert age(written.isoformat()) == "20 s"
    logs: Any = Logs(process=[])
    assert not list(read_logs(logs, ["/process"], 600, LogFilter()))
    since = logs.requests[0]["startTime"] / 1000
    assert since == pytest.approx(written.timestamp() - 580, abs=2)
