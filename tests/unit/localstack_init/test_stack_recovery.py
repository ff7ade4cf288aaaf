"""What becomes of a deployment after one that failed, was interrupted, or is still at work."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from localstack_init.deploy import RETRIES
from localstack_init.stack import Stack, StackError
from tests.unit.localstack_init.stacks import (
    CHANGE_SET,
    apply,
    event,
    happens,
    is_,
    left,
    proposes,
)


def test_remains_of_a_failed_creation_are_removed(
    stack: Stack, cloudformation: Stubber, said: list[str]
) -> None:
    """A stack that was rolled back can't be updated: it is deleted and created."""
    is_(cloudformation, "ROLLBACK_COMPLETE")
    is_(cloudformation, "ROLLBACK_COMPLETE")
    happens(cloudformation)
    cloudformation.add_response("delete_stack", {}, {"StackName": "darkroom"})
    happens(cloudformation)
    is_(cloudformation, "DELETE_COMPLETE")
    happens(cloudformation)
    proposes(cloudformation, "CREATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}])
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {})
    happens(cloudformation, event(1, "CREATE_COMPLETE"))
    is_(cloudformation, "CREATE_COMPLETE")
    happens(cloudformation, event(1, "CREATE_COMPLETE"))
    assert apply(stack) is True
    assert "ROLLBACK_COMPLETE" in said[0]


def test_remains_are_told_of_and_leave_no_parameters(stack: Stack, cloudformation: Stubber) -> None:
    """What can only be deleted is named before anybody is asked, and was never deployed."""
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
    """Two deployments at once: the second says that it waits, and then goes on."""
    is_(cloudformation, "UPDATE_IN_PROGRESS")
    is_(cloudformation, "UPDATE_IN_PROGRESS")
    is_(cloudformation, "UPDATE_COMPLETE")
    left(cloudformation)
    proposes(cloudformation, "UPDATE", Status="CREATE_COMPLETE", Changes=[])
    cloudformation.add_response("delete_change_set", {})
    assert apply(stack) is False
    assert len(said) == 1
    assert "waiting" in said[0]


@pytest.mark.parametrize("kind", ["CREATE", "UPDATE"])
def test_an_interrupted_deployment_is_resumed(
    stack: Stack, cloudformation: Stubber, said: list[str], kind: str
) -> None:
    """What it had proposed and not executed is withdrawn; others' change sets are left alone."""
    is_(cloudformation, "REVIEW_IN_PROGRESS" if kind == "CREATE" else "UPDATE_COMPLETE")
    left(cloudformation, "deploy-1", "somebody-elses", "compare-2")
    proposes(cloudformation, kind, Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}])
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {})
    happens(cloudformation, event(1, f"{kind}_COMPLETE"))
    is_(cloudformation, f"{kind}_COMPLETE")
    happens(cloudformation, event(1, f"{kind}_COMPLETE"))
    assert apply(stack) is True
    assert sum("Withdrawing" in line for line in said) == 2


def test_what_was_executed_is_not_withdrawn(
    stack: Stack, cloudformation: Stubber, said: list[str]
) -> None:
    """The last deployment's own change set, if it is still listed, is history."""
    is_(cloudformation, "UPDATE_COMPLETE")
    summary = {"ChangeSetName": "deploy-1", "ExecutionStatus": "EXECUTE_COMPLETE"}
    cloudformation.add_response("list_change_sets", {"Summaries": [summary]})
    proposes(cloudformation, "UPDATE", Status="FAILED", StatusReason="No updates are to be made.")
    cloudformation.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET})
    assert apply(stack) is False
    assert said == []


def test_a_failed_rollback_is_tried_again(
    stack: Stack, cloudformation: Stubber, said: list[str]
) -> None:
    """An update that could not be undone is undone before the next one; why not is said if not."""
    is_(cloudformation, "UPDATE_ROLLBACK_FAILED")
    happens(cloudformation)
    cloudformation.add_response("continue_update_rollback", {}, {"StackName": "darkroom"})
    failed = event(1, "UPDATE_FAILED", "Catalog", "The table is being used")
    happens(cloudformation, failed)
    is_(cloudformation, "UPDATE_ROLLBACK_FAILED")
    happens(cloudformation, failed)
    with pytest.raises(StackError, match="The table is being used") as error:
        apply(stack)
    assert "trying that again" in said[0]
    assert "continue-update-rollback --resources-to-skip" in str(error.value)


def test_a_change_set_that_is_still_being_made(stack: Stack, cloudformation: Stubber) -> None:
    """What a killed deployment asked for just now can't be withdrawn yet, and is no obstacle."""
    is_(cloudformation, "REVIEW_IN_PROGRESS")
    summary = {"ChangeSetName": "deploy-1", "ChangeSetId": "arn:deploy-1:change-set"}
    cloudformation.add_response("list_change_sets", {"Summaries": [summary]})
    cloudformation.add_client_error("delete_change_set", "InvalidChangeSetStatus")
    proposes(cloudformation, "CREATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}])
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {})
    happens(cloudformation, event(1, "CREATE_COMPLETE"))
    is_(cloudformation, "CREATE_COMPLETE")
    happens(cloudformation, event(1, "CREATE_COMPLETE"))
    assert apply(stack) is True


@pytest.mark.parametrize("code", ["Throttling", "ServiceUnavailable"])
def test_being_told_to_come_again(
    stack: Stack, cloudformation: Stubber, said: list[str], code: str
) -> None:
    """However long CloudFormation refuses to answer, the deployment is followed to its end."""
    cloudformation.add_client_error("describe_stacks", code)
    is_(cloudformation, None)
    proposes(cloudformation, "CREATE", Status="CREATE_IN_PROGRESS")
    cloudformation.add_client_error("describe_change_set", code)
    ready = {"Status": "CREATE_COMPLETE", "Changes": [{"Type": "Resource"}]}
    cloudformation.add_response("describe_change_set", ready)
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {})
    cloudformation.add_client_error("describe_stack_events", code)
    happens(cloudformation, event(1, "CREATE_COMPLETE"))
    cloudformation.add_client_error("describe_stacks", code)
    happens(cloudformation, event(1, "CREATE_COMPLETE"))
    is_(cloudformation, "CREATE_COMPLETE")
    happens(cloudformation, event(1, "CREATE_COMPLETE"))
    assert apply(stack) is True
    assert len(said) == 1


def test_losing_ones_rights_on_the_way(
    stack: Stack, cloudformation: Stubber, said: list[str]
) -> None:
    """An error that does not pass ends the watching; who watched hears how to go on."""
    is_(cloudformation, None)
    proposes(cloudformation, "CREATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}])
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {})
    cloudformation.add_client_error("describe_stack_events", "ExpiredToken")
    with pytest.raises(ClientError, match="ExpiredToken"):
        apply(stack)
    assert "Deploy again to follow it" in said[-1]


def test_an_interruption_while_the_change_set_is_made(
    stack: Stack, cloudformation: Stubber, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who presses Ctrl-C before anything is executed leaves no change set behind."""
    is_(cloudformation, None)
    proposes(cloudformation, "CREATE", Status="CREATE_IN_PROGRESS")
    cloudformation.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET})
    monkeypatch.setattr("localstack_init.stack.time.sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        apply(stack)


def test_an_interruption_says_what_goes_on(
    stack: Stack, cloudformation: Stubber, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who presses Ctrl-C hears that CloudFormation does not."""
    is_(cloudformation, None)
    proposes(cloudformation, "CREATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}])
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {})
    happens(cloudformation, event(1, "CREATE_IN_PROGRESS"))
    is_(cloudformation, "CREATE_IN_PROGRESS")
    monkeypatch.setattr("localstack_init.stack.time.sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        apply(stack)
    assert "goes on by itself" in said[-1]


def interrupt(_seconds: float) -> None:
    """Press Ctrl-C."""
    raise KeyboardInterrupt


def test_throttling_ends_nothing(said: list[str]) -> None:
    """Who asks too often is told so by CloudFormation, and asks again later."""
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

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = throttled.pop(0)
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        client = boto3.client(
            "cloudformation",
            endpoint_url=f"http://127.0.0.1:{server.server_port}",
            region_name="eu-central-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
            config=RETRIES,
        )
        assert Stack(client, "darkroom", said.append).is_deployed()
        server.shutdown()
    assert not throttled
