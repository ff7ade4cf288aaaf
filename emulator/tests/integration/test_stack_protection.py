"""Termination protection, and stack policies."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .localstack import LocalStack

_numbers = itertools.count()
TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
POLICY = json.dumps(
    {"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}
)


@pytest.fixture
def cloudformation(emulator: LocalStack) -> Any:
    """Return a CloudFormation client."""
    return emulator.client("cloudformation")


@pytest.fixture
def stack(cloudformation: Any) -> Iterator[str]:
    """Yield the name of a stack, and delete it at the end."""
    name = f"protected-{next(_numbers)}"
    cloudformation.create_stack(StackName=name, TemplateBody=TEMPLATE)
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1}
    )
    yield name
    protect(cloudformation, name, on=False)
    cloudformation.delete_stack(StackName=name)
    waiter = cloudformation.get_waiter("stack_delete_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 1})


def protect(cloudformation: Any, stack: str, *, on: bool) -> None:
    """Switch a stack's protection."""
    cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=on)


def test_a_protected_stack_is_not_deleted(cloudformation: Any, stack: str) -> None:
    """DeleteStack is refused with AWS's message, and the stack is unchanged."""
    protect(cloudformation, stack, on=True)
    with pytest.raises(ClientError, match="cannot be deleted while TerminationProtection is"):
        cloudformation.delete_stack(StackName=stack)
    (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    assert described["StackStatus"] == "CREATE_COMPLETE"


def test_a_stack_is_protected_from_its_creation(cloudformation: Any, stack: str) -> None:
    """EnableTerminationProtection protects a new stack; DescribeStacks shows it."""
    name = f"{stack}-from-creation"
    cloudformation.create_stack(
        StackName=name, TemplateBody=TEMPLATE, EnableTerminationProtection=True
    )
    (described,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert described["EnableTerminationProtection"]
    with pytest.raises(ClientError, match="cannot be deleted while TerminationProtection is"):
        cloudformation.delete_stack(StackName=name)
    protect(cloudformation, name, on=False)
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=name, WaiterConfig={"Delay": 1}
    )


def test_a_stack_policy_is_stored(cloudformation: Any, stack: str) -> None:
    """GetStackPolicy returns the policy of SetStackPolicy, and nothing before."""
    assert "StackPolicyBody" not in cloudformation.get_stack_policy(StackName=stack)
    cloudformation.set_stack_policy(StackName=stack, StackPolicyBody=POLICY)
    assert cloudformation.get_stack_policy(StackName=stack)["StackPolicyBody"] == POLICY
    with pytest.raises(ClientError, match="does not exist"):
        cloudformation.set_stack_policy(StackName="never-was", StackPolicyBody=POLICY)
    with pytest.raises(ClientError, match="Error validating stack policy"):
        cloudformation.set_stack_policy(StackName=stack, StackPolicyBody="{}")
