"""Stack policies: updates that they deny fail, and are rolled back."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from .localstack import LocalStack
from .stacks import Stack

ALLOWED = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
DATA = {
    "Effect": "Deny",
    "Action": ["Update:Replace", "Update:Delete"],
    "Principal": "*",
    "Resource": "LogicalResourceId/Data*",
}


@pytest.fixture
def stack(emulator: LocalStack) -> Iterator[Stack]:
    """Yield a stack, and delete it at the end."""
    stack = Stack(emulator, "policy")
    yield stack
    stack.delete()


def queue(name: str, delay: int = 0) -> dict[str, Any]:
    """Return a queue."""
    return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name, "DelaySeconds": delay}}


def delay(emulator: LocalStack, url: str) -> str:
    """Return the delay of a queue."""
    sqs = emulator.client("sqs")
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
    return str(found["Attributes"]["DelaySeconds"])


def protect(stack: Stack, *statements: dict[str, Any]) -> None:
    """Set the stack's policy."""
    body = json.dumps({"Statement": list(statements)})
    stack.cloudformation.set_stack_policy(StackName=stack.name, StackPolicyBody=body)


def test_protected_resources_are_modified_only(emulator: LocalStack, stack: Stack) -> None:
    """A replacement and a removal are denied and change nothing; a modification is allowed."""
    other = f"{stack.name}-other"
    stack.create({"Database": queue(stack.name), "Other": queue(other)})
    protect(stack, DATA, ALLOWED)
    url = stack.id_of("Database")
    renamed = {"Database": queue(f"{stack.name}-renamed"), "Other": queue(other, 5)}
    assert stack.update(renamed) == "UPDATE_ROLLBACK_COMPLETE"
    assert (
        "Action denied by stack policy: Statement [#1] does not allow [Update:Replace] for "
        "resource [LogicalResourceId/Database]"
    ) in stack.reasons()
    assert stack.update({"Other": queue(other, 5)}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "[Update:Delete] for resource [LogicalResourceId/Database]" in stack.reasons()
    assert (stack.id_of("Database"), delay(emulator, url)) == (url, "0")
    assert delay(emulator, stack.id_of("Other")) == "0"
    changed = {"Database": queue(stack.name, 5), "Other": queue(f"{other}-renamed")}
    assert stack.update(changed) == "UPDATE_COMPLETE"
    assert delay(emulator, url) == "5"


def test_a_policy_denies_by_default(stack: Stack) -> None:
    """With a policy, a resource that no statement names is protected; new ones are created."""
    resources = {"Database": queue(stack.name)}
    stack.create(resources)
    others = {name: each for name, each in ALLOWED.items() if name != "Resource"}
    protect(stack, {**others, "NotResource": "LogicalResourceId/Database"})
    added = {**resources, "Other": queue(f"{stack.name}-other")}
    assert stack.update(added) == "UPDATE_COMPLETE"
    changed = {**added, "Database": queue(stack.name, 5)}
    assert stack.update(changed) == "UPDATE_ROLLBACK_COMPLETE"
    assert "no statement allows [Update:Modify]" in stack.reasons()


def test_types_of_resources_are_protected(emulator: LocalStack, stack: Stack) -> None:
    """A statement with a condition protects the resources of a type."""
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "one"}}
    stack.create({"Database": queue(stack.name), "Topic": topic})
    queues = {"StringLike": {"ResourceType": ["AWS::SQS::*"]}}
    protect(
        stack,
        {**ALLOWED, "Effect": "Deny", "Condition": queues},
        ALLOWED,
    )
    changed = {**topic, "Properties": {"DisplayName": "two"}}
    assert stack.update({"Database": queue(stack.name), "Topic": changed}) == "UPDATE_COMPLETE"
    denied = stack.update({"Database": queue(stack.name, 5), "Topic": changed})
    assert denied == "UPDATE_ROLLBACK_COMPLETE"
    assert delay(emulator, stack.id_of("Database")) == "0"


def test_a_policy_is_overridden_for_one_update(emulator: LocalStack, stack: Stack) -> None:
    """StackPolicyDuringUpdateBody applies to its update alone."""
    stack.create({"Database": queue(stack.name)})
    protect(stack, {**ALLOWED, "Effect": "Deny"})
    url = stack.id_of("Database")
    stack.cloudformation.update_stack(
        StackName=stack.name,
        TemplateBody=json.dumps({"Resources": {"Database": queue(stack.name, 5)}}),
        StackPolicyDuringUpdateBody=json.dumps({"Statement": [ALLOWED]}),
    )
    assert stack.ended() == "UPDATE_COMPLETE"
    assert delay(emulator, url) == "5"
    assert stack.update({"Database": queue(stack.name, 9)}) == "UPDATE_ROLLBACK_COMPLETE"
    assert delay(emulator, url) == "5"
