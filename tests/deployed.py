"""A deployed stack for the tests: in the cloud that AWS_ENDPOINT_URL names, or in a LocalStack of
their own.
"""

import json
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from darkroom.cloud import Cloud
from localstack_init.deploy import Deployment, deploy, destroy

from .integration.localstack import LocalStack
from .shared_localstack import shared

SAMPLES = Path(__file__).parents[1] / "samples"


@pytest.fixture(scope="session")
def own_localstack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack | None]:
    """Give the session's LocalStack; none where AWS_ENDPOINT_URL names another cloud."""
    if localstack := shared():
        localstack.wait_until_healthy()
        yield localstack
    elif "AWS_ENDPOINT_URL" in os.environ:
        yield None
    else:
        with LocalStack.started(tmp_path_factory.mktemp("localstack")) as localstack:
            localstack.wait_until_healthy()
            yield localstack


@pytest.fixture(scope="session")
def endpoint(own_localstack: LocalStack | None) -> Iterator[str]:
    """Lead boto3 to the cloud under test, and give its address."""
    if own_localstack is None:
        yield os.environ["AWS_ENDPOINT_URL"]
        return
    with leading_to(own_localstack):
        yield own_localstack.url


@contextmanager
def leading_to(localstack: LocalStack) -> Iterator[None]:
    """Lead boto3 to a LocalStack that is healthy."""
    with pytest.MonkeyPatch.context() as patch:
        # boto3's default session keeps the credentials that it found first.
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        patch.setenv("AWS_ENDPOINT_URL", localstack.url)
        patch.setenv("AWS_ACCESS_KEY_ID", localstack.key.id)
        patch.setenv("AWS_SECRET_ACCESS_KEY", localstack.key.secret)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield


def new_deployment() -> Deployment:
    """Give a deployment that meets no other in the same account.

    ``TEST_PARAMETERS``, a JSON object, has values for the template's parameters that the cloud
    under test needs.
    """
    name = f"darkroom-test-{uuid.uuid4().hex[:8]}"
    usual = Deployment.to_emulator(os.environ["AWS_ENDPOINT_URL"], name)
    wanted = json.loads(os.environ.get("TEST_PARAMETERS", "{}"))
    # Tests of what has to do with it ask for the analysis: it costs every picture some time.
    # What is reserved is reserved once for all stacks of an account, and tests make many.
    unreserved = {"ApiReservedConcurrency": "0", "VariantReservedConcurrency": "0"}
    own = {"Analyze": "off", **unreserved, "TableName": name, **wanted}
    return replace(usual, parameters={**usual.parameters, **own})


@pytest.fixture(scope="session")
def cloud(own_localstack: LocalStack | None, endpoint: str) -> Iterator[Cloud]:
    """Give a deployed pipeline, shared by the tests that only put pictures through it."""
    assert endpoint
    deployment = new_deployment()
    said: list[str] = []
    yield Cloud(deploy(deployment, said.append))
    # A LocalStack of our own ends with the session, which is quicker.
    if own_localstack is None:
        destroy(deployment.stack, said.append)


@pytest.fixture(scope="session")
def sample() -> Callable[[str], bytes]:
    """Give the bytes of a sample photograph."""
    return lambda name: (SAMPLES / name).read_bytes()


def show_logs(item: pytest.Item, report: pytest.TestReport, *groups: str) -> None:
    """Put the ends of LocalStack's log and of the functions' beside a failure.

    ``groups`` are the stack's outputs that name log groups.
    """
    for value in getattr(item, "funcargs", {}).values() if report.failed else ():
        if isinstance(value, LocalStack):
            lines = value.log_text().splitlines()
            report.sections.append(("LocalStack's log, its end", "\n".join(lines[-40:])))
        if isinstance(value, Cloud):
            for group in groups:
                lines = _log_lines(value.outputs[group])
                report.sections.append((f"{group}, its end", "\n".join(lines[-40:])))


def _log_lines(group: str) -> list[str]:
    pages = boto3.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    try:
        return [event["message"].rstrip() for page in pages for event in page["events"]]
    except (BotoCoreError, ClientError) as error:
        return [f"There are none to be had: {error}"]
