"""CloudFormation changes resources with the permissions of whoever calls it."""

import json
from typing import Any

import pytest

from .iam import ACCOUNT, Iam, Identity, allow, message
from .localstack import REGION, LocalStack
from .waiting import wait_for

STACKS = allow("cloudformation:*")


@pytest.fixture
def iam(emulator: LocalStack) -> Iam:
    """Return a maker of identities."""
    return Iam(emulator)


def ended(caller: Identity, call: str, topic: str, **more: str) -> str:
    """Return a stack's status after a call with one topic, as its caller sees it."""
    client = caller.client("cloudformation")
    body = {
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": topic, **more}}
        }
    }
    getattr(client, f"{call}_stack")(StackName=topic, TemplateBody=json.dumps(body))

    def status() -> str:
        (stack,) = client.describe_stacks(StackName=topic)["Stacks"]
        return "" if stack["StackStatus"].endswith("_IN_PROGRESS") else str(stack["StackStatus"])

    return wait_for(status)


def failures(caller: Identity, stack: str) -> list[str]:
    """Return why resources failed."""
    events = caller.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
    return [
        each.get("ResourceStatusReason", "")
        for each in events
        if each["ResourceStatus"].endswith("_FAILED")
    ]


def test_a_creation_needs_the_callers_permission(iam: Iam) -> None:
    """A resource that the caller may not create fails with IAM's sentence, and is rolled back."""
    topic = iam.unique("stack-caller")
    caller = iam.session(STACKS)
    assert ended(caller, "create", topic) == "ROLLBACK_COMPLETE"
    assert f"is not authorized to perform: SNS:CreateTopic on resource: arn:aws:sns:{REGION}" in (
        "".join(failures(caller, topic))
    )
    topics = iam.emulator.client("sns").list_topics()["Topics"]
    assert f"arn:aws:sns:{REGION}:{ACCOUNT}:{topic}" not in {each["TopicArn"] for each in topics}


def test_an_update_and_a_deletion_need_it_too(iam: Iam) -> None:
    """What was there stays as it was."""
    topic = iam.unique("stack-caller")
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{topic}"
    maker = iam.session(STACKS, allow("sns:*", arn))
    assert ended(maker, "create", topic, DisplayName="before") == "CREATE_COMPLETE"
    other = iam.session(STACKS, allow("sns:Get*"))
    assert ended(other, "update", topic, DisplayName="after") == "UPDATE_ROLLBACK_COMPLETE"
    sns = iam.emulator.client("sns")
    assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] == "before"
    other.client("cloudformation").delete_stack(StackName=topic)

    def status() -> Any:
        (stack,) = maker.client("cloudformation").describe_stacks(StackName=topic)["Stacks"]
        return stack["StackStatus"]

    wait_for(lambda: status() == "DELETE_FAILED")
    assert sns.get_topic_attributes(TopicArn=arn)


@pytest.mark.parametrize("operation", ["put", "delete"])
def test_a_boundary_that_the_role_has_is_a_condition_key(iam: Iam, operation: str) -> None:
    """``iam:PermissionsBoundary`` of an operation on a role is the boundary of that role."""
    boundary = iam.managed(allow("*"))
    condition = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    client = iam.session(allow(["iam:*RolePolicy"], Condition=condition)).client("iam")
    bounded, _ = iam.role(allow("sqs:*"), boundary=boundary)
    free, _ = iam.role(allow("sqs:*"))
    call = getattr(client, f"{operation}_role_policy")
    document = json.dumps({"Version": "2012-10-17", "Statement": allow("sqs:*")})
    more = {"PolicyDocument": document} if operation == "put" else {}
    assert message(call, RoleName=bounded, PolicyName="own", **more) == ""
    refused = message(call, RoleName=free, PolicyName="own", **more)
    assert "no identity-based policy allows" in refused
