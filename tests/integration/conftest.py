"""A cloud for the tests: the one that AWS_ENDPOINT_URL names, or a LocalStack of their own."""

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from darkroom.cloud import Cloud
from localstack_init.deploy import Deployment, deploy, destroy
from processor.catalog import Entry

from .emulator.localstack import LocalStack
from .emulator.waiting import wait_for

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Lead boto3 to the cloud under test, and give its address."""
    if given := os.environ.get("AWS_ENDPOINT_URL"):
        yield given
        return
    with LocalStack(tmp_path_factory.mktemp("localstack")) as localstack:
        localstack.wait_until_healthy()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", localstack.url)
            patch.setenv("AWS_ACCESS_KEY_ID", "test")
            patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            yield localstack.url


def new_deployment() -> Deployment:
    """Give a deployment that meets no other in the same account."""
    name = f"darkroom-test-{uuid.uuid4().hex[:8]}"
    parameters = {"BatchWindow": "1", "TableName": name}
    return Deployment(stack=name, target="host", parameters=parameters, replace=True)


@pytest.fixture(scope="session")
def cloud(endpoint: str) -> Iterator[Cloud]:
    """Give a deployed pipeline, shared by the tests that only put pictures through it."""
    assert endpoint
    deployment = new_deployment()
    said: list[str] = []
    yield Cloud(deploy(deployment, said.append))
    destroy(deployment.stack, said.append)


@pytest.fixture
def put(cloud: Cloud) -> Callable[[str, bytes], None]:
    """Give a way to put an object into the raw bucket."""

    def put_object(key: str, data: bytes) -> None:
        cloud.s3.put_object(Bucket=cloud.outputs["RawBucket"], Key=key, Body=data)

    return put_object


@pytest.fixture
def outcome(cloud: Cloud) -> Callable[..., Entry]:
    """Give a way to wait for an original's outcome; ``after`` is an entry that it must replace."""

    def wait(key: str, after: Entry | None = None) -> Entry:
        def ended() -> Entry | None:
            entry = cloud.catalog.get(key)
            if entry is None or entry["status"] == "processing":
                return None
            if after is not None and entry["sequencer"] == after["sequencer"]:
                return None
            return entry

        return wait_for(ended, 60)

    return wait


@pytest.fixture
def drained(cloud: Cloud) -> Callable[[], None]:
    """Give a way to wait until no message is waiting or in flight."""

    def is_empty() -> bool:
        depths = cloud.queue_depths()
        return depths["waiting"] == depths["in flight"] == 0

    return lambda: wait_for(is_empty, 30) and None


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """Give a key that no other test uses."""
    return f"{request.node.originalname}/{uuid.uuid4().hex[:8]}.jpg"


@pytest.fixture(scope="session")
def sample() -> Callable[[str], bytes]:
    """Give the bytes of a sample photograph."""
    return lambda name: (SAMPLES / name).read_bytes()
