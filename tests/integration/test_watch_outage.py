"""`darkroom watch` during an outage, on an emulator of the test's own."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from darkroom.emulator.endpoint import Endpoint
from darkroom.emulator.ports import listener
from tests.checkout import Checkout, Session

from .conftest import SAMPLES
from .localstack import free_port
from .test_dev import MODE, client
from .waiting import wait_for

SETTINGS = {**MODE, "PERSIST": "0"}


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    """Yield a copy of this checkout, and stop its emulator at the end."""
    checkout = Checkout(tmp_path)
    yield checkout
    checkout.run("down", **MODE)


def test_an_emulator_that_is_killed(checkout: Checkout, tmp_path: Path) -> None:
    """An image that is pending when the emulator is killed, and one that is added during the
    outage, are uploaded to the next emulator.
    """
    endpoint = Endpoint(free_port())
    checkout.run("up", f"--port={endpoint.port}", **SETTINGS)
    functions = client(endpoint, "lambda")
    (mapping,) = functions.list_event_source_mappings(FunctionName="darkroom-process")[
        "EventSourceMappings"
    ]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "pending.jpg").write_bytes((SAMPLES / "raccoon.jpg").read_bytes())
    with Session(checkout, "watch", str(folder), **endpoint.environment()) as session:
        bucket = "darkroom-raw-000000000000-us-east-1"
        s3 = client(endpoint, "s3")
        wait_for(lambda: s3.list_objects_v2(Bucket=bucket)["KeyCount"])
        emulator = listener(endpoint.port)
        assert emulator
        emulator.send_signal(signal.SIGKILL)
        psutil.wait_procs([emulator], 10)
        wait_for(lambda: "The endpoint does not respond" in session.said())
        (folder / "later.jpg").write_bytes((SAMPLES / "flower.jpg").read_bytes())
        checkout.run("up", f"--port={endpoint.port}", **SETTINGS)
        wait_for(lambda: "done     pending.jpg" in session.said())
        wait_for(lambda: "done     later.jpg" in session.said())
        output = session.end()
    assert output.count("does not respond") == 1
    assert output.count("responds again") == 1
    assert "failed" not in output
