"""Termination protection, stack policies, and failed updates."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .localstack import LocalStack
from .waiting import wait_for

_numbers = itertools.count()
TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
POLICY = json.dumps({"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*"}]})


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


def test_a_stack_policy_is_stored(cloudformation: Any, stack: str) -> None:
    """GetStackPolicy returns the policy of SetStackPolicy, and nothing before."""
    assert "StackPolicyBody" not in cloudformation.get_stack_policy(StackName=stack)
    cloudformation.set_stack_policy(StackName=stack, StackPolicyBody=POLICY)
    assert cloudformation.get_stack_policy(StackName=stack)["StackPolicyBody"] == POLICY
    with pytest.raises(ClientError, match="does not exist"):
        cloudformation.set_stack_policy(StackName="never-was", StackPolicyBody=POLICY)


def test_a_failed_update_has_its_own_status(cloudformation: Any) -> None:
    """A failed update's status differs from that of a failed creation."""
    # It stays: LocalStack can't delete what it could not make.
    stack = f"protected-{next(_numbers)}"
    cloudformation.create_stack(StackName=stack, TemplateBody=TEMPLATE)
    waiting = {"StackName": stack, "WaiterConfig": {"Delay": 1}}
    cloudformation.get_waiter("stack_create_complete").wait(**waiting)
    template = json.loads(TEMPLATE)
    properties = {"QueueName": "a name with spaces"}
    template["Resources"]["Queue"] = {"Type": "AWS::SQS::Queue", "Properties": properties}
    names = {"StackName": stack, "ChangeSetName": "bad"}
    cloudformation.create_change_set(**names, TemplateBody=json.dumps(template))
    made = cloudformation.get_waiter("change_set_create_complete")
    made.wait(**names, WaiterConfig={"Delay": 1})
    cloudformation.execute_change_set(**names)

    def execution() -> str:
        return str(cloudformation.describe_change_set(**names)["ExecutionStatus"])

    wait_for(lambda: execution() == "EXECUTE_FAILED")
    (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    assert found["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
