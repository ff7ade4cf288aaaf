"""Executions of the workflow: begun once for each change, and looked at.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html says when it
is idempotent: for the same name and input, while the execution runs.
"""

from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import ClientError

from processor.change import Change

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

MISSING = ("ExecutionDoesNotExist", "InvalidArn")

SPENT = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")
"""What Step Functions says to a token that has been used, or whose execution has ended."""

MOST_INPUT = 128 * 1024
"""Bytes of an execution's input: half of what Step Functions takes, so that there is room for what
the steps add."""


class TooLargeError(ValueError):
    """An input that is more than an execution can carry."""


def name_of(key: str, *parts: str) -> str:
    """The name of the execution for a change of a key; the same as often as it is asked for."""
    return blake2b("\0".join((key, *parts)).encode(), digest_size=16).hexdigest()


def input_of(change: Change) -> str:
    """What an execution is told of its change, as JSON. Raises ``TooLargeError``."""
    text = msgspec.json.encode(
        {
            "kind": change.kind,
            "key": change.key,
            "time": change.time,
            "sequencer": change.sequencer,
            "recipe": change.recipe,
        }
    ).decode()
    if len(text.encode()) > MOST_INPUT:
        raise TooLargeError(f"The input has {len(text.encode()):,} bytes.")
    return text


@dataclass(frozen=True, slots=True)
class Executions:
    """Those of one state machine."""

    stepfunctions: "SFNClient"
    state_machine: str
    """Its ARN."""

    def start(self, change: Change, name: str | None = None) -> str:
        """Begin an execution, unless it was begun before; answers its name.

        Without a ``name`` it is the review of what the queue's way has held: a message that comes
        again begins nothing new, and the recipe is in the entry. Raises ``TooLargeError``.
        """
        if name is None:
            name = name_of(change.key, change.sequencer)
            change = replace(change, recipe=None)
        try:
            self.stepfunctions.start_execution(
                stateMachineArn=self.state_machine, name=name, input=input_of(change)
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise
        return name

    def describe(self, name: str) -> "DescribeExecutionOutputTypeDef | None":
        """What is known of an execution; None where there is none (any more)."""
        try:
            return self.stepfunctions.describe_execution(executionArn=self.arn(name))
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise

    def is_running(self, name: str, recipe: str | None) -> bool:
        """Whether an execution is under way that was asked for the same recipe."""
        found = self.describe(name)
        if found is None or found["status"] != "RUNNING":
            return False
        asked: dict[str, Any] = msgspec.json.decode(found.get("input", "{}"))
        return asked.get("recipe") == recipe

    def decide(self, token: str, decision: str) -> bool:
        """Tell the execution that waits what was decided; whether it was the first to be told."""
        output = msgspec.json.encode({"decision": decision, "by": "api"}).decode()
        try:
            self.stepfunctions.send_task_success(taskToken=token, output=output)
        except ClientError as error:
            if error.response["Error"]["Code"] in SPENT:
                return False
            raise
        return True

    def definition(self, name: str) -> dict[str, Any]:
        """The state machine as it was when the execution began."""
        answer = self.stepfunctions.describe_state_machine_for_execution(
            executionArn=self.arn(name)
        )
        found: dict[str, Any] = msgspec.json.decode(answer["definition"])
        return found

    def history(self, name: str) -> list[dict[str, Any]]:
        """The execution's events, the oldest first, without what was handed from state to state."""
        pages = self.stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=self.arn(name), includeExecutionData=False
        )
        return [dict(event) for page in pages for event in page["events"]]

    def arn(self, name: str) -> str:
        """An execution's ARN."""
        return f"{self.state_machine.replace(':stateMachine:', ':execution:')}:{name}"
