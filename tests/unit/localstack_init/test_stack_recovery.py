"""Deployments after one that failed, was interrupted, or is still in progress."""

import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from localstack_init.cloudformation import OUTAGE_SECONDS, StackError, wait_for
from localstack_init.deploy import ATTEMPTS, retries
from localstack_init.stack import Stack
from tests.unit.localstack_init.stacks import (
    CHANGE_SET,
    apply,
    creates_change_set,
    event,
    happens,
    is_,
    left,
)


def test_a_failed_creation_is_deleted(
    stack: Stack, cloudformation: Stubber, said: list[str]
) -> None:
    """A stack whose creation was rolled back can't be updated: it is deleted and created."""
    is_(cloudformation, "ROLLBACK_COMPLETE")
    is_(cloudformation, "ROLLBACK_COMPLETE")
    happens(cloudformation)
    cloudformation.add_response("delete_stack", {}, {"StackName": "darkroom"})
    happens(cloudformation)
    is_(cloudformation, "DELETE_COMPLETE")
    happens(cloudformation)
    creates_change_set(
        cloudformation, "CREATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}]
    )
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {})
    happens(cloudformation, event(1, "CREATE_COMPLETE"))
    is_(cloudformation, "CREATE_COMPLETE")
    happens(cloudformation, event(1, "CREATE_COMPLETE"))
    assert apply(stack) is True
    assert "ROLLBACK_COMPLETE" in said[0]


def test_a_leftover_is_no_deployment(stack: Stack, cloudformation: Stubber) -> None:
    """A stack that can only be deleted is reported, and has no parameters of a last deployment."""
    for _ in range(3):
        is_(cloudformation, "DELETE_FAILED")
    assert stack.leftover() == "DELETE_FAILED"
    assert not stack.is_deployed()
    assert stack.parameters() == {}
    is_(cloudformation, "UPDATE_ROLLBACK_COMPLETE")
    assert stack.leftover() is None


def test_waits_for_another_deployment(
    stack: Stack, cloudformation: Stubber, said: list[str]
) -> None:
    """The second of two concurrent deployments prints once that it waits, then continues."""
    is_(cloudformation, "UPDATE_IN_PROGRESS")
    is_(cloudformation, "UPDATE_IN_PROGRESS")
    is_(cloudformation, "UPDATE_COMPLETE")
    left(cloudformation)
    creates_change_set(cloudformation, "UPDATE", Status="CREATE_COMPLETE", Changes=[])
    cloudformation.add_response("delete_change_set", {})
    assert apply(stack) is False
    assert len(said) == 1
    assert "waiting" in said[0]


@pytest.mark.parametrize("kind", ["CREATE", "UPDATE"])
def test_an_interrupted_deployment_is_resumed(
    stack: Stack, cloudformation: Stubber, said: list[str], kind: str
) -> None:
    """Our change sets that were not executed are deleted; others' change sets stay."""
    is_(cloudformation, "REVIEW_IN_PROGRESS" if kind == "CREATE" else "UPDATE_COMPLETE")
    left(cloudformation, "deploy-1", "somebody-elses", "compare-2")
    creates_change_set(
        cloudformation, kind, Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}]
    )
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {})
    happens(cloudformation, event(1, f"{kind}_COMPLETE"))
    is_(cloudformation, f"{kind}_COMPLETE")
    happens(cloudformation, event(1, f"{kind}_COMPLETE"))
    assert apply(stack) is True
    assert sum("Deleting the change set" in line for line in said) == 2


def test_an_executed_change_set_stays(
    stack: Stack, cloudformation: Stubber, said: list[str]
) -> None:
    """The last deployment's executed change set, if it is still listed, is not deleted."""
    is_(cloudformation, "UPDATE_COMPLETE")
    summary = {"ChangeSetName": "deploy-1", "ExecutionStatus": "EXECUTE_COMPLETE"}
    cloudformation.add_response("list_change_sets", {"Summaries": [summary]})
    creates_change_set(
        cloudformation, "UPDATE", Status="FAILED", StatusReason="No updates are to be made."
    )
    cloudformation.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET})
    assert apply(stack) is False
    assert said == []


def test_a_failed_rollback_is_retried(
    stack: Stack, cloudformation: Stubber, said: list[str]
) -> None:
    """A failed rollback is continued before an update; if it fails again, the error says why."""
    is_(cloudformation, "UPDATE_ROLLBACK_FAILED")
    happens(cloudformation)
    cloudformation.add_response("continue_update_rollback", {}, {"StackName": "darkroom"})
    failed = event(1, "UPDATE_FAILED", "Catalog", "The table is being used")
    happens(cloudformation, failed)
    is_(cloudformation, "UPDATE_ROLLBACK_FAILED")
    happens(cloudformation, failed)
    with pytest.raises(StackError, match="The table is being used") as error:
        apply(stack)
    assert "retrying the rollback" in said[0]
    assert "continue-update-rollback --resources-to-skip" in str(error.value)


def test_a_change_set_in_creation(stack: Stack, cloudformation: Stubber) -> None:
    """A killed deployment's change set that can't be deleted yet does not stop the next one."""
    is_(cloudformation, "REVIEW_IN_PROGRESS")
    summary = {"ChangeSetName": "deploy-1", "ChangeSetId": "arn:deploy-1:change-set"}
    cloudformation.add_response("list_change_sets", {"Summaries": [summary]})
    cloudformation.add_client_error("delete_change_set", "InvalidChangeSetStatus")
    creates_change_set(
        cloudformation, "CREATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}]
    )
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {})
    happens(cloudformation, event(1, "CREATE_COMPLETE"))
    is_(cloudformation, "CREATE_COMPLETE")
    happens(cloudformation, event(1, "CREATE_COMPLETE"))
    assert apply(stack) is True


@pytest.mark.parametrize("code", ["Throttling", "ServiceUnavailable"])
def test_transient_errors(
    stack: Stack, cloudformation: Stubber, said: list[str], code: str
) -> None:
    """A deployment is followed to its end through transient errors of CloudFormation, with a line
    for each of them that follows a success.
    """
    cloudformation.add_client_error("describe_stacks", code)
    is_(cloudformation, None)
    creates_change_set(
        cloudformation, "CREATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}]
    )
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {})
    cloudformation.add_client_error("describe_stack_events", code)
    happens(cloudformation, event(1, "CREATE_COMPLETE"))
    cloudformation.add_client_error("describe_stacks", code)
    happens(cloudformation, event(1, "CREATE_COMPLETE"))
    is_(cloudformation, "CREATE_COMPLETE")
    happens(cloudformation, event(1, "CREATE_COMPLETE"))
    assert apply(stack) is True
    assert len([each for each in said if not each.startswith("Retrying: ")]) == 1
    assert len(said) == 3


def test_losing_permission_during_a_deployment(
    stack: Stack, cloudformation: Stubber, said: list[str]
) -> None:
    """A permanent error ends the following; the last line says how to resume it."""
    is_(cloudformation, None)
    creates_change_set(
        cloudformation, "CREATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}]
    )
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {})
    cloudformation.add_client_error("describe_stack_events", "ExpiredToken")
    with pytest.raises(ClientError, match="ExpiredToken"):
        apply(stack)
    assert "Deploy again to follow it" in said[-1]


def test_an_interruption_before_the_execution(stack: Stack, cloudformation: Stubber) -> None:
    """Ctrl-C during the creation of a change set deletes it."""
    is_(cloudformation, None)
    cloudformation.add_response("create_change_set", {"Id": CHANGE_SET})
    cloudformation.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET})
    events = cloudformation.client.meta.events
    events.register("provide-client-params.cloudformation.DescribeChangeSet", interrupt)
    with pytest.raises(KeyboardInterrupt):
        apply(stack)


def test_an_interruption_during_the_execution(
    stack: Stack, cloudformation: Stubber, said: list[str]
) -> None:
    """Ctrl-C ends the following, not the deployment: the last line says so."""
    is_(cloudformation, None)
    creates_change_set(
        cloudformation, "CREATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}]
    )
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {})
    happens(cloudformation, event(1, "CREATE_IN_PROGRESS"))
    is_(cloudformation, "CREATE_IN_PROGRESS")
    with pytest.raises(KeyboardInterrupt):
        apply(replace(stack, sleep=interrupt))
    assert "CloudFormation continues" in said[-1]


def interrupt(*_: object, **__: object) -> None:
    """Press Ctrl-C."""
    raise KeyboardInterrupt


def test_throttling_ends_nothing(said: list[str]) -> None:
    """A throttled call is retried with the client's configuration."""
    throttled = [
        (400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"),
        (
            200,
            (
                "<DescribeStacksResponse><DescribeStacksResult><Stacks><member>"
                "<StackName>darkroom</StackName><StackStatus>CREATE_COMPLETE</StackStatus>"
                "</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
            ),
        ),
    ]

    class Responses(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = throttled.pop(0)
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Responses) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        client = boto3.client(
            "cloudformation",
            endpoint_url=f"http://127.0.0.1:{server.server_port}",
            region_name="eu-central-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
            config=retries(ATTEMPTS),
        )
        assert Stack(client, "darkroom", said.append).is_deployed()
        server.shutdown()
    assert not throttled


@pytest.mark.parametrize(("status", "outage_seconds"), [(501, OUTAGE_SECONDS), (500, 0.0)])
def test_an_error_that_cannot_pass(
    stack: Stack, cloudformation: Stubber, said: list[str], status: int, outage_seconds: float
) -> None:
    """An emulator that lacks CloudFormation, or an emulator's error, ends the wait at once."""
    cloudformation.add_client_error(
        "describe_stacks", "InternalFailure", "not yet emulated", http_status_code=status
    )
    with pytest.raises(ClientError, match="not yet emulated"):
        replace(stack, outage_seconds=outage_seconds).wait_until_stable()
    assert said == []


def test_an_error_that_passes(stack: Stack, cloudformation: Stubber, said: list[str]) -> None:
    """It is printed once."""
    for _ in range(3):
        cloudformation.add_client_error(
            "describe_stacks", "InternalFailure", "busy", http_status_code=500
        )
    is_(cloudformation, "CREATE_COMPLETE")
    assert stack.wait_until_stable() == "CREATE_COMPLETE"
    assert len(said) == 1
    assert "busy" in said[0]


def test_an_error_that_does_not_pass(said: list[str]) -> None:
    """After a time of nothing else, it is raised."""
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    def fail() -> None:
        raise ClientError({"Error": {"Code": "InternalError", "Message": "broken"}}, "Describe")

    with pytest.raises(ClientError, match="broken"):
        wait_for(fail, "No result.", said.append, sleep, clock=lambda: now)
    assert OUTAGE_SECONDS <= now < OUTAGE_SECONDS + 10
    assert len(said) == 1
