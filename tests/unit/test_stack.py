"""What the deploy script asks of CloudFormation, and how it takes the answers."""

from typing import Any

import pytest
from botocore.stub import Stubber

from localstack_init.changes import Change, Difference
from localstack_init.stack import Stack, StackError

from .stacks import CHANGE_SET, NOW, apply, event, happens, is_, left, proposes


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
    left(cloudformation)
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
    left(cloudformation)
    proposes(cloudformation, "UPDATE", **answer)
    cloudformation.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET})
    assert apply(stack) is False


def test_the_template_of_a_stack(stack: Stack, cloudformation: Stubber) -> None:
    """It is the one that was sent: what CloudFormation gives unasked has the includes in it."""
    asked = {"StackName": stack.name, "TemplateStage": "Original"}
    cloudformation.add_response("get_template", {"TemplateBody": "Resources: {}"}, asked)
    assert stack.template() == "Resources: {}"


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


def test_comparing_executes_nothing(stack: Stack, cloudformation: Stubber) -> None:
    """A change set is made, read to its last page, and deleted."""
    changes: list[dict[str, Any]] = [
        {
            "Action": "Modify", "LogicalResourceId": "ProcessFunction",
            "ResourceType": "AWS::Lambda::Function", "Replacement": "False",
            "BeforeContext": '{"Properties": {"MemorySize": "1769", "Timeout": "60"}}',
            "AfterContext": '{"Properties": {"MemorySize": "3008", "Timeout": "60"}}',
        },
        {
            "Action": "Modify", "LogicalResourceId": "Catalog", "Replacement": "True",
            "ResourceType": "AWS::DynamoDB::Table", "Details": [{"Target": {"Name": "TableName"}}],
        },
    ]  # fmt: skip
    proposes(cloudformation, "UPDATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}])
    asked = {"ChangeSetName": CHANGE_SET, "IncludePropertyValues": True}
    for number, each in enumerate(changes):
        token = {"NextToken": str(number)} if number else {}
        following = {"NextToken": str(number + 1)} if number + 1 < len(changes) else {}
        page = {"Changes": [{"Type": "Resource", "ResourceChange": each}], **following}
        cloudformation.add_response("describe_change_set", page, {**asked, **token})
    cloudformation.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET})
    assert stack.compare("template", {"CodeKey": "code/1.zip"}) == [
        Change(
            "Modify", "ProcessFunction", "AWS::Lambda::Function", "False",
            (Difference("MemorySize", "1769", "3008"),),
        ),
        Change(
            "Modify", "Catalog", "AWS::DynamoDB::Table", "True",
            (Difference("TableName", None, None),),
        ),
    ]  # fmt: skip


def test_a_protected_stack_is_not_for_deletion(stack: Stack, cloudformation: Stubber) -> None:
    """The error says what lifts the protection."""
    cloudformation.add_response(
        "describe_stacks",
        {
            "Stacks": [
                {
                    "StackName": "darkroom", "CreationTime": NOW, "StackStatus": "CREATE_COMPLETE",
                    "EnableTerminationProtection": True,
                }
            ]
        },
    )  # fmt: skip
    with pytest.raises(StackError, match="--no-enable-termination-protection"):
        stack.check_deletable()
