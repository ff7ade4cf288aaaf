"""What the tests of the deployed pipeline share."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry
from tests.deployed import (
    SAMPLES,
    cloud,
    endpoint,
    new_deployment,
    own_localstack,
    sample,
    show_logs,
)

from .localstack import PROJECT
from .site import site
from .waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

__all__ = ["SAMPLES", "cloud", "endpoint", "new_deployment", "own_localstack", "sample", "site"]

DARKROOM = Path(sys.executable).with_name("darkroom")

Run = Callable[..., subprocess.CompletedProcess[str]]


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

        wait_for(ended)
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
        wait_for(is_empty)

    return wait


@pytest.fixture
def quiet(cloud: Cloud) -> Callable[[], None]:
    """Give a way to wait until the queue has no message, not even a late sweep.

    While it has one, the check takes most faults for work in progress.
    """
    names: list[QueueAttributeNameType] = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
    ]

    def is_empty() -> bool:
        url = cloud.outputs["QueueUrl"]
        response = cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return all(response["Attributes"][name] == "0" for name in names)

    def wait() -> None:
        wait_for(is_empty)

    return wait


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """Give a key that no other test uses."""
    return f"{request.node.originalname}/{uuid.uuid4().hex[:8]}.jpg"


@pytest.fixture(scope="session")
def fork_server() -> Iterator[subprocess.Popen[str]]:
    """Give the process that runs commands."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.integration.fork_server"],
        cwd=PROJECT, env={**os.environ, "COLUMNS": "160"}, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        yield server


@pytest.fixture
def run(
    cloud: Cloud,
    fork_server: subprocess.Popen[str],
    tmp_path_factory: pytest.TempPathFactory,
    tmp_path: Path,
) -> Run:
    """Give a way to run a command in an empty folder, against the cloud under test.

    ``typed`` is what is typed when it asks.
    """
    stack = cloud.outputs["ProcessFunction"].removesuffix("-process")

    def command(
        *arguments: str | Path, typed: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        folder = tmp_path_factory.mktemp("streams")
        streams = [folder / name for name in ("stdin", "stdout", "stderr")]
        for file, text in zip(streams, (typed, "", ""), strict=True):
            file.write_text(text)
        words = [*map(str, arguments)]
        everything = {**os.environ, "DARKROOM_STACK": stack, "COLUMNS": "160", **environment}
        job = json.dumps([words, str(tmp_path), everything, [*map(str, streams)]])
        assert fork_server.stdin
        assert fork_server.stdout
        print(job, file=fork_server.stdin, flush=True)
        code = int(fork_server.stdout.readline())
        printed = [file.read_text() for file in streams[1:]]
        return subprocess.CompletedProcess(words, code, *printed)

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
    show_logs(item, report, "LogGroup")
    return report
