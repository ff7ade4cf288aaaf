"""A cloud whose services say what a test has them say."""

from collections.abc import Iterator

import pytest
from botocore.stub import Stubber

from darkroom.cloud import Cloud
from tests.unit.darkroom.operations.stubs import stubbed_cloud


@pytest.fixture
def cloud() -> Cloud:
    """Give a cloud of stubs."""
    return stubbed_cloud()


@pytest.fixture
def sqs(cloud: Cloud) -> Iterator[Stubber]:
    """Give SQS as a list of answers, all of which have to be asked for."""
    with Stubber(cloud.sqs) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()
