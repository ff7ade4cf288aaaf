"""Loading of Rekognition's networks after the start."""

from pathlib import Path

from .localstack import LocalStack
from .vision import ASTRONAUT, Rekognition
from .waiting import wait_for

LOADED = "networks are loaded"


def test_the_networks_are_loaded_without_a_request(own_root: Path) -> None:
    """The first request finds the networks loaded, and the emulator still ends as usual."""
    with LocalStack(own_root, EMULATOR_FEATURES="all") as localstack:
        localstack.wait_until_healthy()
        wait_for(lambda: LOADED in localstack.log_text())
        assert Rekognition(localstack).faces(ASTRONAUT.read_bytes())
        assert localstack.stop() == 0


def test_a_stop_ends_the_loading(own_root: Path) -> None:
    """An emulator that is stopped after its start loads no network."""
    with LocalStack(own_root, EMULATOR_FEATURES="all") as localstack:
        wait_for(lambda: "Ready." in localstack.log_text())
        assert localstack.stop() == 0
        assert LOADED not in localstack.log_text()
