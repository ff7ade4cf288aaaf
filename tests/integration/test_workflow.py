"""The workflow as it is deployed, in any cloud; workflow/ beside this file has its every branch."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from darkroom.cloud import Cloud
from processor.catalog.entries import Entry
from processor.change import Change, now
from processor.step_functions.client import Executions

from .waiting import wait_for

pytestmark = pytest.mark.contract


def test_an_execution_has_the_rights_that_it_needs(
    cloud: Cloud,
    put: Callable[[str, bytes], None],
    outcome: Callable[..., Entry],
    key: str,
    sample: Callable[[str], bytes],
) -> None:
    """Its roles let it do each step, and the outcome is the queue's."""
    put(key, sample("coffee.png"))
    before: Any = outcome(key)
    change = Change("requested", key, now(), f"{before['sequencer'][:32]}.{'F' * 16}")
    client: Any = boto3.client("stepfunctions")
    executions = Executions(client, cloud.outputs["Workflow"])
    execution = executions.start(change)

    def status() -> str:
        found = executions.describe(execution)
        assert found
        return found["status"]

    wait_for(lambda: status() != "RUNNING")
    assert status() == "SUCCEEDED", executions.history(execution)[-6:]
    after: Any = cloud.catalog.get(key)
    assert (after["status"], after["execution"]) == ("done", execution)
    etags = [[each["etag"] for each in entry["renditions"]] for entry in (before, after)]
    assert etags[0] == etags[1]
