"""A cloud for the tests: the one that AWS_ENDPOINT_URL names, or a LocalStack of their own."""

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from darkroom.cloud import Cloud
from localstack_init.deploy import Deployment, deploy, destroy
from processor.catalog import Entry

from .localstack import LocalStack
from .site import site as site  # noqa: PLC0414 (a fixture)
from .waiting import wait_for

DARKROOM = Path(sys.executable).with_name("darkroom")

Run = Callable[..., subprocess.CompletedProcess[str]]

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="session")
def own_localstack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack | None]:
    """Give the session's LocalStack; none where AWS_ENDPOINT_URL names another cloud."""
    if "AWS_ENDPOINT_URL" in os.environ:
        yield None
        return
    with LocalStack(tmp_path_factory.mktemp("localstack")) as localstack:
        localstack.wait_until_healthy()
        yield localstack


@pytest.fixture(scope="session")
def endpoint(own_localstack: LocalStack | None) -> Iterator[str]:
    """Lead boto3 to the cloud under test, and give its address."""
    if own_localstack is None:
        yield os.environ["AWS_ENDPOINT_URL"]
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", own_localstack.url)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield own_localstack.url


def new_deployment() -> Deployment:
    """Give a deployment that meets no other in the same account."""
    name = f"darkroom-test-{uuid.uuid4().hex[:8]}"
    usual = Deployment.to_emulator(os.environ["AWS_ENDPOINT_URL"], name)
    return replace(usual, parameters={**usual.parameters, "TableName": name})


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
        def ended() -> bool:
            entry = cloud.catalog.get(key)
            if entry is None or entry["status"] == "processing":
                return False
            return after is None or entry["sequencer"] != after["sequencer"]

        wait_for(ended, 60)
        entry = cloud.catalog.get(key)
        assert entry
        return entry

    return wait


@pytest.fixture
def drained(cloud: Cloud) -> Callable[[], None]:
    """Give a way to wait until no message is waiting or in flight."""

    def is_empty() -> bool:
        depths = cloud.queue_depths()
        return depths["waiting"] == depths["in flight"] == 0

    def wait() -> None:
        wait_for(is_empty, 30)

    return wait


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """Give a key that no other test uses."""
    return f"{request.node.originalname}/{uuid.uuid4().hex[:8]}.jpg"


@pytest.fixture(scope="session")
def sample() -> Callable[[str], bytes]:
    """Give the bytes of a sample photograph."""
    return lambda name: (SAMPLES / name).read_bytes()


@pytest.fixture
def run(cloud: Cloud, tmp_path: Path) -> Run:
    """Give a way to run a command in an empty folder, against the cloud under test.

    ``typed`` is what is typed when it asks.
    """
    stack = cloud.outputs["ProcessFunction"].removesuffix("-process")

    def command(
        *arguments: str | Path, typed: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [DARKROOM, *arguments],
            cwd=tmp_path,
            env={**os.environ, "DARKROOM_STACK": stack, "COLUMNS": "160", **environment},
            input=typed,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    return command


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> str:
    """Give a prefix of keys that no other test uses."""
    return f"{request.node.originalname}/{uuid.uuid4().hex[:8]}/"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of LocalStack's log, and of the function's, beside a failure."""
    report = yield
    for value in getattr(item, "funcargs", {}).values() if report.failed else ():
        if isinstance(value, LocalStack):
            lines = value.log_text().splitlines()
            report.sections.append(("LocalStack's log, its end", "\n".join(lines[-40:])))
        if isinstance(value, Cloud):
            pages = boto3.client("logs").get_paginator("filter_log_events")
            lines = [
                event["message"].rstrip()
                for page in pages.paginate(logGroupName=value.outputs["LogGroup"])
                for event in page["events"]
            ]
            report.sections.append(("The function's log, its end", "\n".join(lines[-40:])))
    return report
