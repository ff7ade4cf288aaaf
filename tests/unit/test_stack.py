"""What the deploy script asks of CloudFormation, and how it takes the answers."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from localstack_init.stack import Stack, StackError

NOW = datetime(2026, 5, 1, tzinfo=UTC)
CHANGE_SET = "arn:aws:cloudformation:eu-central-1:1:changeSet/deploy/1"


@pytest.fixture
def cloudformation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """Give a CloudFormation that answers what a test puts in, in order; all must be asked."""
    monkeypatch.setattr("localstack_init.stack.time.sleep", lambda _: None)
    client = boto3.client(
        "cloudformation",
        region_name="eu-central-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def said() -> list[str]:
    """Give the lines that a person would have seen."""
    return []


@pytest.fixture
def stack(cloudformation: Stubber, said: list[str]) -> Stack:
    """Give the stack under test."""
    return Stack(cloudformation.client, "darkroom", said.append)  # type: ignore[arg-type]


def is_(stubber: Stubber, status: str | None) -> None:
    """Answer the next question for the stack's status."""
    if status is None:
        stubber.add_client_error("describe_stacks", "ValidationError", "Stack does not exist")
        return
    described = {"StackName": "darkroom", "CreationTime": NOW, "StackStatus": status}
    stubber.add_response("describe_stacks", {"Stacks": [{**described, "StackId": "arn:stack"}]})


def event(number: int, status: str, resource: str = "Queue", reason: str = "") -> dict[str, Any]:
    """One stack event."""
    return {
        "StackId": "arn:stack", "EventId": str(number), "StackName": "darkroom",
        "LogicalResourceId": resource, "ResourceType": "AWS::SQS::Queue",
        "ResourceStatus": status, "ResourceStatusReason": reason, "Timestamp": NOW,
    }  # fmt: skip


def happens(stubber: Stubber, *events: dict[str, Any]) -> None:
    """Answer the next question for events; CloudFormation names the newest first."""
    stubber.add_response("describe_stack_events", {"StackEvents": events[::-1]})


def proposes(stubber: Stubber, kind: str, **answer: object) -> None:
    """Expect a change set of this kind, and answer what became of it."""
    stubber.add_response(
        "create_change_set",
        {"Id": CHANGE_SET},
        {
            "StackName": "darkroom", "ChangeSetName": ANY, "ChangeSetType": kind,
            "TemplateBody": "template", "Capabilities": ANY, "Tags": ANY,
            "Parameters": [{"ParameterKey": "CodeKey", "ParameterValue": "code/1.zip"}],
        },
    )  # fmt: skip
    stubber.add_response("describe_change_set", answer, {"ChangeSetName": CHANGE_SET})


def apply(stack: Stack) -> bool:
    """Deploy."""
    return stack.apply("template", {"CodeKey": "code/1.zip"})


def test_creates(stack: Stack, cloudformation: Stubber, said: list[str]) -> None:
    """A stack that does not exist is created, and each finished resource is said once."""
    is_(cloudformation, None)
    proposes(cloudformation, "CREATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}])
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {}, {"ChangeSetName": CHANGE_SET})
    happens(cloudformation, event(1, "CREATE_IN_PROGRESS"))
    is_(cloudformation, "CREATE_IN_PROGRESS")
    happens(cloudformation, event(1, "CREATE_IN_PROGRESS"), event(2, "CREATE_COMPLETE"))
    is_(cloudformation, "CREATE_COMPLETE")
    happens(cloudformation, event(1, "CREATE_IN_PROGRESS"), event(2, "CREATE_COMPLETE"))
    assert apply(stack) is True
    assert len(said) == 1
    assert "CREATE_COMPLETE" in said[0]


def test_the_last_deployment_is_not_taken_for_this_one(
    stack: Stack, cloudformation: Stubber
) -> None:
    """Until its first event an update is not done, though the status says complete: of the last."""
    before = event(1, "UPDATE_COMPLETE")
    is_(cloudformation, "UPDATE_COMPLETE")
    proposes(cloudformation, "UPDATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}])
    happens(cloudformation, before)
    cloudformation.add_response("execute_change_set", {})
    happens(cloudformation, before)
    is_(cloudformation, "UPDATE_COMPLETE")
    happens(cloudformation, before, event(2, "UPDATE_IN_PROGRESS"))
    is_(cloudformation, "UPDATE_ROLLBACK_COMPLETE")
    happens(cloudformation, before, event(2, "UPDATE_IN_PROGRESS"), event(3, "UPDATE_FAILED"))
    with pytest.raises(StackError, match="UPDATE_ROLLBACK_COMPLETE"):
        apply(stack)


@pytest.mark.parametrize(
    "answer",
    [
        {
            "Status": "FAILED",
            "StatusReason": "The submitted information didn't contain changes. Submit different…",
        },
        {"Status": "FAILED", "StatusReason": "No updates are to be performed."},
        {"Status": "CREATE_COMPLETE", "Changes": []},
    ],
)
def test_nothing_to_change(stack: Stack, cloudformation: Stubber, answer: dict[str, Any]) -> None:
    """A stack that is up to date is left alone, and the empty change set is cleared away."""
    is_(cloudformation, "UPDATE_COMPLETE")
    proposes(cloudformation, "UPDATE", **answer)
    cloudformation.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET})
    assert apply(stack) is False


def test_a_refused_template(stack: Stack, cloudformation: Stubber) -> None:
    """CloudFormation's reason for refusing a change set is passed on."""
    is_(cloudformation, None)
    proposes(cloudformation, "CREATE", Status="FAILED", StatusReason="Unresolved resource Quueue")
    with pytest.raises(StackError, match="refused the template: Unresolved resource Quueue"):
        apply(stack)


def test_a_failed_creation_is_explained(stack: Stack, cloudformation: Stubber) -> None:
    """The error names the event that was the cause, and not those that it cancelled."""
    is_(cloudformation, None)
    proposes(cloudformation, "CREATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}])
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {})
    events = (
        event(1, "CREATE_FAILED", "RawBucket", "The bucket name is taken"),
        event(2, "CREATE_FAILED", "Catalog", "Resource creation cancelled"),
    )
    happens(cloudformation, *events)
    is_(cloudformation, "ROLLBACK_COMPLETE")
    happens(cloudformation, *events)
    with pytest.raises(StackError) as error:
        apply(stack)
    assert "ROLLBACK_COMPLETE" in str(error.value)
    assert "RawBucket (AWS::SQS::Queue): The bucket name is taken" in str(error.value)
    assert "cancelled" not in str(error.value)


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


def test_waits_for_another_deployment(
    stack: Stack, cloudformation: Stubber, said: list[str]
) -> None:
    """Two deployments at once: the second says that it waits, and then goes on."""
    is_(cloudformation, "UPDATE_IN_PROGRESS")
    is_(cloudformation, "UPDATE_IN_PROGRESS")
    is_(cloudformation, "UPDATE_COMPLETE")
    proposes(cloudformation, "UPDATE", Status="CREATE_COMPLETE", Changes=[])
    cloudformation.add_response("delete_change_set", {})
    assert apply(stack) is False
    assert len(said) == 1
    assert "waiting" in said[0]
