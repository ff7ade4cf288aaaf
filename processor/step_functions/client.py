"""Executions of the workflow's state machine: start, describe, and send decisions.

StartExecution is idempotent for the same name and input, while the execution is running.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from processor.change import Change
from processor.telemetry.log import logger

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import DescribeExecutionOutputTypeDef

NOT_FOUND = ("ExecutionDoesNotExist", "InvalidArn")

INVALID_TOKEN = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")
"""Error codes for a task token that is used, or whose execution has ended."""


REVIEW_SUPERSEDED = "ReviewSuperseded"
"""Error of a task that waited for the review of a superseded image."""


def execution_name(key: str, *parts: str) -> str:
    """Return the name of an execution: the same for the same key and parts."""
    return blake2b("\0".join((key, *parts)).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Executions:
    """The executions of one state machine."""

    stepfunctions: "SFNClient"
    state_machine: str
    """ARN of the state machine."""

    def start(self, change: Change, name: str | None = None) -> str:
        """Start an execution unless one with its name exists; return the name.

        Without a ``name`` it is the review of an image that standard processing holds: it has one
        execution for each change, however often the message is delivered, and takes the recipe from
        the catalog entry.
        """
        if name is None:
            name = execution_name(change.key, change.sequencer)
            change = replace(change, recipe=None)
        try:
            self.stepfunctions.start_execution(
                stateMachineArn=self.state_machine, name=name, input=_input(change)
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ExecutionAlreadyExists":
                raise
        return name

    def describe(self, name: str) -> "DescribeExecutionOutputTypeDef | None":
        """Return an execution's description; None for one that does not exist or has expired."""
        try:
            return self.stepfunctions.describe_execution(executionArn=self.arn(name))
        except ClientError as error:
            if error.response["Error"]["Code"] in NOT_FOUND:
                return None
            raise

    def is_running(self, name: str, recipe: str | None) -> bool:
        """Return whether an execution is running that was started with the same recipe."""
        execution = self.describe(name)
        if execution is None or execution["status"] != "RUNNING":
            return False
        given: dict[str, Any] = msgspec.json.decode(execution.get("input", "{}"))
        return given.get("recipe") == recipe

    def send_decision(self, token: str, decision: str) -> bool:
        """Send a decision to the execution that waits for it; return whether it was the first."""
        output = msgspec.json.encode({"decision": decision, "by": "api"}).decode()
        try:
            self.stepfunctions.send_task_success(taskToken=token, output=output)
        except ClientError as error:
            if error.response["Error"]["Code"] in INVALID_TOKEN:
                return False
            raise
        return True

    def end_review(self, token: str) -> None:
        """End the execution that waits for the review of a superseded image.

        An error only leaves it waiting until its review times out.
        """
        try:
            self.stepfunctions.send_task_failure(
                taskToken=token,
                error=REVIEW_SUPERSEDED,
                cause="A newer version of the image has replaced the held one.",
            )
        except (ClientError, BotoCoreError) as error:
            response: Any = getattr(error, "response", {})
            if response.get("Error", {}).get("Code") not in INVALID_TOKEN:
                logger.warning("review not ended", exc_info=True)

    def definition(self, name: str) -> dict[str, Any]:
        """Return the state machine's definition, as it was when the execution started."""
        response = self.stepfunctions.describe_state_machine_for_execution(
            executionArn=self.arn(name)
        )
        definition: dict[str, Any] = msgspec.json.decode(response["definition"])
        return definition

    def history(self, name: str) -> list[dict[str, Any]]:
        """Return the execution's events, oldest first, without the states' input and output."""
        pages = self.stepfunctions.get_paginator("get_execution_history").paginate(
            executionArn=self.arn(name), includeExecutionData=False
        )
        return [dict(event) for page in pages for event in page["events"]]

    def arn(self, name: str) -> str:
        """Return an execution's ARN."""
        return f"{self.state_machine.replace(':stateMachine:', ':execution:')}:{name}"


def _input(change: Change) -> str:
    fields = ("kind", "key", "time", "sequencer", "recipe")
    return msgspec.json.encode({name: getattr(change, name) for name in fields}).decode()
