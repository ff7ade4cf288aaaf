"""Reserved concurrency of functions: in templates, and with a full queue."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from .functions import ROLE, Functions
from .localstack import LocalStack
from .queue_function import InvocationRecorder, QueueFunction
from .waiting import wait_for

LIMIT = 20
"""The account's."""
MARGIN = 2
"""What has to stay unreserved."""

_numbers = itertools.count()


def template(function: str, reserved: int | None) -> str:
    """Return a template with one function; a parameter sets its reserved concurrency."""
    properties = {
        "FunctionName": function,
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": ROLE,
        "Code": {"ZipFile": "def handler(event, context): return 'fine'"},
    }
    if reserved is not None:
        properties["ReservedConcurrentExecutions"] = {"Ref": "Reserved"}
    return json.dumps(
        {
            "Parameters": {"Reserved": {"Type": "Number", "Default": reserved or 0}},
            "Resources": {"Function": {"Type": "AWS::Lambda::Function", "Properties": properties}},
        }
    )


class Stacks:
    """Stacks of one function each."""

    def __init__(self, emulator: LocalStack) -> None:
        self.lambda_ = emulator.client("lambda")
        self._cloudformation = emulator.client("cloudformation")
        self.made: list[str] = []

    def create(self, name: str, reserved: int | None) -> str:
        """Create a stack; return its last status."""
        self.made.append(name)
        self._cloudformation.create_stack(StackName=name, TemplateBody=template(name, reserved))
        return self._end(name)

    def update(self, name: str, reserved: int | None) -> str:
        """Update a stack; return its last status."""
        self._cloudformation.update_stack(StackName=name, TemplateBody=template(name, reserved))
        return self._end(name)

    def delete(self, name: str) -> None:
        """Delete a stack."""
        self._cloudformation.delete_stack(StackName=name)
        waiter = self._cloudformation.get_waiter("stack_delete_complete")
        waiter.wait(StackName=name, WaiterConfig={"Delay": 1})

    def reserved(self, function: str) -> int | None:
        """Return the reserved concurrency of a function."""
        response = self.lambda_.get_function_concurrency(FunctionName=function)
        found: int | None = response.get("ReservedConcurrentExecutions")
        return found

    def _end(self, name: str) -> str:
        def status() -> str:
            (stack,) = self._cloudformation.describe_stacks(StackName=name)["Stacks"]
            return str(stack["StackStatus"])

        wait_for(lambda: not status().endswith("IN_PROGRESS"))
        return status()


@pytest.fixture
def stacks(emulator: LocalStack) -> Iterator[Stacks]:
    """Give a maker of stacks, which are deleted in the end."""
    maker = Stacks(emulator)
    yield maker
    for name in maker.made:
        maker.delete(name)


def test_a_template_reserves_concurrency(stacks: Stacks) -> None:
    """A function has its template's reserved concurrency, also after an update."""
    name = f"reserved-{next(_numbers)}"
    assert stacks.create(name, 3) == "CREATE_COMPLETE"
    assert stacks.reserved(name) == 3
    assert stacks.update(name, 2) == "UPDATE_COMPLETE"
    assert stacks.reserved(name) == 2
    assert stacks.update(name, None) == "UPDATE_COMPLETE"
    assert stacks.reserved(name) is None


def test_the_default_is_no_reservation(stacks: Stacks) -> None:
    """A function without the property shares the unreserved concurrency."""
    name = f"reserved-{next(_numbers)}"
    assert stacks.create(name, None) == "CREATE_COMPLETE"
    assert stacks.reserved(name) is None


def test_a_reservation_above_the_limit_fails(stacks: Stacks) -> None:
    """The stack fails, and its function is deleted, which frees the name."""
    name = f"reserved-{next(_numbers)}"
    assert stacks.create(name, LIMIT - MARGIN + 1) == "ROLLBACK_COMPLETE"
    with pytest.raises(stacks.lambda_.exceptions.ResourceNotFoundException):
        stacks.lambda_.get_function(FunctionName=name)


def test_a_full_queue_leaves_the_reserved_concurrency(
    emulator: LocalStack, functions: Functions, recorder: InvocationRecorder
) -> None:
    """A function with a full queue gets at most the rest, and the other one is never throttled."""
    reserved = LIMIT - MARGIN - 1
    other = functions.make("def handler(event, context): return 'fine'")
    function = QueueFunction(emulator, recorder)
    reserve: Any = {"FunctionName": other.name, "ReservedConcurrentExecutions": reserved}
    other.client.put_function_concurrency(**reserve)
    function.pause()
    function.send(*(f"{number}" for number in range(8)))
    try:
        function.connect(8)
        wait_for(lambda: len(function.started()) == LIMIT - reserved and function.in_flight() == 8)
        assert [other.invoke().payload for _ in range(5)] == ["fine"] * 5
        assert len(function.started()) == LIMIT - reserved
        function.resume()
        wait_for(lambda: len(function.finished()) == 8)
    finally:
        function.resume()
        function.delete()
        other.client.delete_function_concurrency(FunctionName=other.name)
