"""A stack: its calls of CloudFormation, and its reactions to the responses."""

from typing import Any

import pytest
from botocore.stub import Stubber

from localstack_init.change_set import Change, Difference
from localstack_init.cloudformation import OvertakenError, StackError
from localstack_init.events import EventLog
from localstack_init.stack import Stack
from tests.unit.localstack_init.stacks import (
    CHANGE_SET,
    NOW,
    apply,
    creates_change_set,
    event,
    happens,
    is_,
    left,
)


def test_creates(stack: Stack, cloudformation: Stubber, said: list[str]) -> None:
    """A stack that does not exist is created, and each finished resource is printed once."""
    is_(cloudformation, None)
    creates_change_set(
        cloudformation, "CREATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}]
    )
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
    """Before an update's first event, the status is still the last deployment's."""
    before = event(1, "UPDATE_COMPLETE")
    is_(cloudformation, "UPDATE_COMPLETE")
    left(cloudformation)
    creates_change_set(
        cloudformation, "UPDATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}]
    )
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
    "description",
    [
        {
            "Status": "FAILED",
            "StatusReason": "The submitted information didn't contain changes. Submit different…",
        },
        {"Status": "FAILED", "StatusReason": "No updates are to be performed."},
        {"Status": "CREATE_COMPLETE", "Changes": []},
    ],
)
def test_nothing_to_change(
    stack: Stack, cloudformation: Stubber, description: dict[str, Any]
) -> None:
    """A stack that is up to date is not updated, and the empty change set is deleted."""
    is_(cloudformation, "UPDATE_COMPLETE")
    left(cloudformation)
    creates_change_set(cloudformation, "UPDATE", **description)
    cloudformation.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET})
    assert apply(stack) is False


def test_the_template_of_a_stack(stack: Stack, cloudformation: Stubber) -> None:
    """The template is the one that was sent."""
    asked = {"StackName": stack.name, "TemplateStage": "Original"}
    cloudformation.add_response("get_template", {"TemplateBody": '{"Resources": {}}'}, asked)
    assert stack.template() == '{"Resources": {}}'


def test_a_refused_template(stack: Stack, cloudformation: Stubber) -> None:
    """The error has CloudFormation's reason for a failed change set."""
    is_(cloudformation, None)
    creates_change_set(
        cloudformation, "CREATE", Status="FAILED", StatusReason="Unresolved resource Quueue"
    )
    cloudformation.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE_SET})
    with pytest.raises(StackError, match="refused the template: Unresolved resource Quueue"):
        apply(stack)


def test_a_refused_parameter(stack: Stack, cloudformation: Stubber) -> None:
    """The error has CloudFormation's reason for refusing to create a change set."""
    is_(cloudformation, None)
    cloudformation.add_client_error(
        "create_change_set", "ValidationError", "Parameter 'BatchSize' must be a number"
    )
    with pytest.raises(StackError, match=r"refused the change: Parameter .* must be a number\."):
        apply(stack)


def test_a_stack_that_another_deployment_creates(stack: Stack, cloudformation: Stubber) -> None:
    """Of two first deployments, one is overtaken."""
    is_(cloudformation, None)
    message = "Stack [darkroom] already exists and cannot be created again with the changeSet [it]"
    cloudformation.add_client_error("create_change_set", "ValidationError", message)
    with pytest.raises(OvertakenError, match="Another deployment has created the stack"):
        apply(stack)


def test_a_change_of_outputs_alone(stack: Stack, cloudformation: Stubber) -> None:
    """An executable change set without changes is executed: it changes outputs."""
    is_(cloudformation, "CREATE_COMPLETE")
    left(cloudformation)
    description = {"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE", "Changes": []}
    creates_change_set(cloudformation, "UPDATE", **description)
    happens(cloudformation)
    cloudformation.add_response("execute_change_set", {}, {"ChangeSetName": CHANGE_SET})
    happens(cloudformation, event(1, "UPDATE_COMPLETE"))
    is_(cloudformation, "UPDATE_COMPLETE")
    happens(cloudformation, event(1, "UPDATE_COMPLETE"))
    assert apply(stack) is True


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ChangeSetNotFound", "It does not exist"),
        ("InvalidChangeSetStatus", "It is OBSOLETE"),
        ("ValidationError", "It is UPDATE_IN_PROGRESS"),
    ],
)
def test_two_at_once(stack: Stack, cloudformation: Stubber, code: str, message: str) -> None:
    """If another deployment came before the execution, the error says so, and what to do."""
    is_(cloudformation, "UPDATE_COMPLETE")
    left(cloudformation)
    creates_change_set(
        cloudformation, "UPDATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}]
    )
    happens(cloudformation)
    cloudformation.add_client_error("execute_change_set", code, message)
    with pytest.raises(StackError, match=f"{message}. Deploy again"):
        apply(stack)


def test_events_are_read_as_far_as_they_are_new(cloudformation: Stubber, said: list[str]) -> None:
    """Pages of events are read up to the first seen event; at first, the newest page only."""
    asked = {"StackName": "darkroom"}

    def page(*numbers: int, token: str = "", following: str = "") -> None:
        response: dict[str, Any] = {
            "StackEvents": [event(each, "UPDATE_COMPLETE", str(each)) for each in numbers]
        }
        cloudformation.add_response(
            "describe_stack_events",
            response | ({"NextToken": following} if following else {}),
            asked | ({"NextToken": token} if token else {}),
        )

    page(2, 1, following="older")
    log = EventLog(cloudformation.client, "darkroom", said.append)  # type: ignore[arg-type]
    page(6, 5, following="b")
    page(4, 3, token="b", following="c")
    page(2, 1, token="c", following="older")
    assert log.say_new()
    assert [line.split()[-1] for line in said] == ["3", "4", "5", "6"]
    page(6, 5, following="b")
    assert not log.say_new()


def test_a_failed_creation_is_explained(stack: Stack, cloudformation: Stubber) -> None:
    """The error has the event of the cause, not those of cancelled resources."""
    is_(cloudformation, None)
    creates_change_set(
        cloudformation, "CREATE", Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}]
    )
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
    """A change set is created, read to its last page, and deleted."""
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
    creates_change_set(
        cloudformation, "UPDATE", {}, Status="CREATE_COMPLETE", Changes=[{"Type": "Resource"}]
    )
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


def has_alarms(cloudformation: Stubber, *names: str) -> None:
    """Return a stack with these alarms."""
    summaries = [
        {
            "LogicalResourceId": name, "PhysicalResourceId": f"darkroom-{name}",
            "ResourceType": "AWS::CloudWatch::Alarm", "ResourceStatus": "CREATE_COMPLETE",
            "LastUpdatedTimestamp": NOW,
        }
        for name in names
    ]  # fmt: skip
    cloudformation.add_response("list_stack_resources", {"StackResourceSummaries": summaries})
    described = {
        "StackName": "darkroom", "CreationTime": NOW, "StackStatus": "UPDATE_COMPLETE",
        "StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/darkroom/1",
    }  # fmt: skip
    cloudformation.add_response("describe_stacks", {"Stacks": [described]})


def test_alarms_of_errors_roll_back_an_update(stack: Stack, cloudformation: Stubber) -> None:
    """With minutes of monitoring, an update has them as triggers, and no others."""
    is_(cloudformation, "UPDATE_COMPLETE")
    left(cloudformation)
    has_alarms(cloudformation, "ErrorRateAlarm", "DeadLettersAlarm")
    arn = "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:darkroom-ErrorRateAlarm"
    creates_change_set(
        cloudformation,
        "UPDATE",
        {
            "RollbackTriggers": [{"Arn": arn, "Type": "AWS::CloudWatch::Alarm"}],
            "MonitoringTimeInMinutes": 10,
        },
        Status="FAILED",
        StatusReason="No updates are to be performed.",
    )
    cloudformation.add_response("delete_change_set", {})
    assert stack.apply("template", {"CodeKey": "code/1.zip"}, 10) is False


def test_a_stack_without_alarms_cannot_be_monitored(stack: Stack, cloudformation: Stubber) -> None:
    """The update is refused, because nothing would roll it back."""
    is_(cloudformation, "UPDATE_COMPLETE")
    left(cloudformation)
    has_alarms(cloudformation, "DeadLettersAlarm")
    with pytest.raises(StackError, match="no alarms that could roll back"):
        stack.apply("template", {"CodeKey": "code/1.zip"}, 10)


def is_protected(cloudformation: Stubber, template: str) -> None:
    """Return a protected stack with a bucket and a topic, and its template."""
    stack = {
        "StackName": "darkroom", "CreationTime": NOW, "StackStatus": "CREATE_COMPLETE",
        "EnableTerminationProtection": True,
    }  # fmt: skip
    for _ in range(2):
        cloudformation.add_response("describe_stacks", {"Stacks": [stack]})
    cloudformation.add_response("get_template", {"TemplateBody": template})
    kinds = {"RawBucket": "AWS::S3::Bucket", "AlarmTopic": "AWS::SNS::Topic"}
    summaries = [
        {
            "LogicalResourceId": name, "PhysicalResourceId": name.lower(), "ResourceType": kind,
            "ResourceStatus": "CREATE_COMPLETE", "LastUpdatedTimestamp": NOW,
        }
        for name, kind in kinds.items()
    ]  # fmt: skip
    cloudformation.add_response("list_stack_resources", {"StackResourceSummaries": summaries})


@pytest.mark.parametrize(
    "template",
    [
        '{"Resources": {"RawBucket": {"DeletionPolicy": "RetainExceptOnCreate"}}}',
        "Resources: {RawBucket: {DeletionPolicy: Retain, Name: !Ref Other}}",
    ],
)
def test_a_protected_stack_is_not_deletable(
    stack: Stack, cloudformation: Stubber, template: str
) -> None:
    """The error has the command that removes the protection, and names what stays even then."""
    is_protected(cloudformation, template)
    command = "--no-enable-termination-protection --stack-name darkroom --region eu-central-1"
    with pytest.raises(StackError) as raised:
        stack.check_deletable()
    assert command in str(raised.value)
    assert str(raised.value).endswith("Its data stays even then, in rawbucket.")
