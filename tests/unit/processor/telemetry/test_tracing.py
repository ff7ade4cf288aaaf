"""Segments for X-Ray, taken by a daemon of our own."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from processor.telemetry.attempt import tracer
from processor.telemetry.timings import Span
from processor.telemetry.tracing import HEADER, Tracer
from tests.unit.processor.images.sample_images import encoded, quarters
from tests.unit.processor.pipeline.pipelines import (
    Cloud,
    Refusing,
    created,
)

ROOT, PARENT = "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"
SAMPLED = f"Root={ROOT};Parent={PARENT};Sampled=1;Lineage=a87bd80c:0"


class Daemon:
    """Takes what is sent."""

    def __init__(self, taken: socket.socket) -> None:
        self._socket = taken
        self.address = f"127.0.0.1:{taken.getsockname()[1]}"

    def documents(self) -> list[dict[str, Any]]:
        """All that has come: datagrams on loopback are there when they have been sent."""
        found: list[dict[str, Any]] = []
        self._socket.setblocking(False)  # noqa: FBT003
        while True:
            try:
                data = self._socket.recv(1 << 17)
            except BlockingIOError:
                return found
            assert data.startswith(HEADER)
            found.append(json.loads(data.removeprefix(HEADER)))


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """Give a daemon, and the environment of a sampled invocation."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        daemon = Daemon(taken)
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", daemon.address)
        monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)
        yield daemon


def cloud(daemon: Daemon, data: bytes) -> Cloud:
    """A pipeline whose attempts the daemon is told of."""
    return Cloud({"a.png": data}, tracer=Tracer(daemon.address))


def test_an_attempt_is_told_with_its_stages(daemon: Daemon) -> None:
    """The picture is below Lambda's own segment, its stages follow one another, within it."""
    pipeline = cloud(daemon, encoded(quarters(), "PNG"))
    pipeline.process(created("a.png"))
    (told,) = daemon.documents()
    assert (told["name"], told["type"]) == ("image", "subsegment")
    assert (told["trace_id"], told["parent_id"]) == (ROOT, PARENT)
    assert told["fault"] is False
    assert told["annotations"] == {
        "correlation_id": pipeline.entries["a.png"]["correlation_id"],
        "outcome": "done",
    }
    stages = told["subsegments"]
    names = ["claim", "fetch", "inspect", "wait", "render", "store", "commit"]
    assert [each["name"] for each in stages] == names
    for before, after in pairwise(stages):
        assert before["end_time"] == pytest.approx(after["start_time"], abs=0.1)
    assert told["start_time"] == stages[0]["start_time"]
    assert told["end_time"] == stages[-1]["end_time"]
    ids = [told["id"], *(each["id"] for each in stages)]
    assert len({*ids}) == len(ids)
    assert all(len(each) == 16 for each in ids)


def test_renditions_are_below_the_render() -> None:
    """What belongs to a stage is below it, what only touches it is not."""
    from processor.telemetry.tracing import _nested  # noqa: PLC0415

    spans = [Span("fetch", 0, 5), Span("render", 5, 50), Span("decode", 5, 9, "render")]
    spans += [
        Span("thumb", 9, 20, "render"),
        Span("fetch", 20, 50, "render"),
        Span("store", 50, 60),
    ]
    found = _nested(spans, 1000.0)
    assert [each["name"] for each in found] == ["fetch", "render", "store"]
    assert [each["name"] for each in found[1]["subsegments"]] == ["decode", "thumb", "fetch"]


def test_a_picture_that_fails(daemon: Daemon) -> None:
    """The code is the outcome, the last stage is where it was seen; it is no fault of ours."""
    cloud(daemon, b"no picture").process(created("a.png"))
    (told,) = daemon.documents()
    assert (told["annotations"]["outcome"], told["fault"]) == ("unsupported-format", False)
    assert told["subsegments"][-1]["name"] == "inspect"


def test_an_attempt_that_breaks_off(daemon: Daemon) -> None:
    """A fault of ours is told as one."""
    pipeline = cloud(daemon, encoded(quarters(), "PNG"))
    pipeline.s3.guard = Refusing("GetObject")
    with pytest.raises(ClientError):
        pipeline.process(created("a.png"))
    (told,) = daemon.documents()
    assert (told["annotations"]["outcome"], told["fault"]) == ("error", True)


@pytest.mark.parametrize("trace", ["", f"Root={ROOT};Parent={PARENT};Sampled=0", "Sampled=1", "x"])
def test_what_is_not_sampled_is_not_told(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch, trace: str
) -> None:
    """Lambda says of each invocation whether it is followed."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", trace)
    cloud(daemon, b"no picture").process(created("a.png"))
    assert daemon.documents() == []


def test_a_document_that_is_too_long_does_without_the_renditions(daemon: Daemon) -> None:
    """X-Ray takes 64 KB."""
    spans = [
        Span("render", 0, 1000),
        *(Span("x" * 200, 0, each, "render") for each in range(1, 900)),
    ]
    Tracer(daemon.address).send(SAMPLED, "picture", 0.0, spans, error=False, annotations={})
    (told,) = daemon.documents()
    assert [each["name"] for each in told["subsegments"]] == ["render"]


def test_nobody_has_to_listen() -> None:
    """A picture does not fail because its trace gets lost."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp:127.0.0.1:1 udp:127.0.0.1:{free.getsockname()[1]}"
    sender = Tracer(address)
    for _ in range(3):
        sender.send(SAMPLED, "picture", 0.0, [Span("fetch", 0, 1)], error=False, annotations={})


@pytest.mark.parametrize(("switch", "expected"), [("on", True), ("off", False)])
def test_the_parameter_decides(daemon: Daemon, switch: str, *, expected: bool) -> None:
    """Off is off, even where there is a daemon."""
    assert (tracer(switch) is not None) == expected
    assert daemon.documents() == []


def test_it_costs_no_import_while_it_is_off() -> None:
    """What sends segments is loaded only where it is wanted."""
    program = (
        "import sys, processor.telemetry.attempt; "
        "sys.exit('processor.telemetry.tracing' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
