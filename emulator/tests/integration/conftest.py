"""Fixtures: a shared LocalStack with functions, CloudFront, Rekognition and an origin."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .edge import Edge, Origin
from .functions import Functions
from .localstack import LocalStack
from .queue_function import InvocationRecorder
from .vision import Rekognition


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Yield a running LocalStack, shared by all tests that don't harm it."""
    root = tmp_path_factory.mktemp("localstack")
    # A time zone far from UTC: nothing that the emulator says may depend on it.
    settings = {
        "EMULATOR_DYNAMODB_TTL_INTERVAL": "0.2",
        "EMULATOR_HOSTS": "localstack",
        "TZ": "Asia/Tokyo",
    }
    with LocalStack(root, EMULATOR_CLOUDFRONT_CACHE_BYTES="48000000", **settings) as localstack:
        localstack.wait_until_healthy()
        localstack.create_role("any")
        yield localstack


@pytest.fixture(scope="session")
def functions(emulator: LocalStack) -> Functions:
    """Return a maker of functions in the shared LocalStack."""
    return Functions(emulator)


@pytest.fixture(scope="session")
def rekognition(emulator: LocalStack) -> Rekognition:
    """Return Rekognition in the shared LocalStack."""
    return Rekognition(emulator)


@pytest.fixture
def own_root(tmp_path: Path) -> Path:
    """Return a folder for a LocalStack that one test starts by itself."""
    return tmp_path / "localstack"


@pytest.fixture(scope="session")
def edge(emulator: LocalStack) -> Edge:
    """Return CloudFront in the shared LocalStack."""
    return Edge(emulator)


@pytest.fixture
def origin() -> Iterator[Origin]:
    """Yield an HTTP server that serves as a distribution's origin."""
    with Origin() as server:
        yield server


@pytest.fixture
def recorder() -> Iterator[InvocationRecorder]:
    """Yield a server that records functions' invocations and can hold them."""
    with InvocationRecorder() as recorder:
        yield recorder
