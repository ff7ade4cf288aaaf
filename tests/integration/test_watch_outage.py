"""`darkroom watch` outlasts its emulator, on one of its own."""

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from darkroom.emulator.instance import Endpoint, listener
from tests.checkout import Checkout, Session

from .conftest import SAMPLES
from .localstack import free_port
from .test_dev import MODE, client
from .waiting import wait_for

SETTINGS = {**MODE, "PERSIST": "0"}


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    """Give a copy of this checkout, in which the emulator is ended at last."""
    checkout = Checkout(tmp_path)
    yield checkout
    checkout.run("down", **MODE)


def test_an_emulator_that_is_killed(checkout: Checkout, tmp_path: Path) -> None:
    """A picture that is pending when the emulator is killed, and one that is dropped while it is
    away, are uploaded to the next one.
    """
    endpoint = Endpoint(free_port())
    checkout.run("up", f"--port={endpoint.port}", **SETTINGS)
    functions = client(endpoint, "lambda")
    (mapping,) = functions.list_event_source_mappings()["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "pending.jpg").write_bytes((SAMPLES / "raccoon.jpg").read_bytes())
    with Session(checkout, "watch", str(folder), **endpoint.environment()) as session:
        bucket = "darkroom-raw-000000000000-us-east-1"
        s3 = client(endpoint, "s3")
        wait_for(lambda: s3.list_objects_v2(Bucket=bucket)["KeyCount"], 30)
        emulator = listener(endpoint.port)
        assert emulator
        emulator.send_signal(signal.SIGKILL)
        psutil.wait_procs([emulator], 10)
        wait_for(lambda: "The endpoint does not answer" in session.said(), 60)
        (folder / "later.jpg").write_bytes((SAMPLES / "flower.jpg").read_bytes())
        checkout.run("up", f"--port={endpoint.port}", **SETTINGS)
        wait_for(lambda: "done     pending.jpg" in session.said(), 90)
        wait_for(lambda: "done     later.jpg" in session.said(), 30)
        said = session.end()
    assert said.count("does not answer") == 1
    assert said.count("answers again") == 1
    assert "failed" not in said
