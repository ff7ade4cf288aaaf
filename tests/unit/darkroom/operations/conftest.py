"""Fixtures of a cloud of stubbed clients."""

from collections.abc import Iterator

import pytest
from botocore.stub import Stubber

from darkroom.cloud import Cloud
from tests.unit.darkroom.operations.stubs import stubbed_cloud


@pytest.fixture
def cloud() -> Cloud:
    """Return a cloud of stubbed clients."""
    return stubbed_cloud()


@pytest.fixture
def sqs(cloud: Cloud) -> Iterator[Stubber]:
    """Yield the stub of SQS; every response has to be used."""
    with Stubber(cloud.sqs) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()
