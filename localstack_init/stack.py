"""A CloudFormation stack: create or update through a change set, follow its events, delete."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef, StackTypeDef

Say = Callable[[str], None]
"""Takes a line for the person who watches."""

PATIENCE = 3600.0
"""Seconds after which CloudFormation is given up on."""


class StackError(Exception):
    """The stack did not get where it was to go. The message holds the events that explain it."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack, by its name."""

    cloudformation: "CloudFormationClient"
    name: str
    say: Say

    def describe(self) -> "StackTypeDef | None":
        """What CloudFormation knows of the stack; None if it does not exist."""
        try:
            return self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise

    def outputs(self) -> dict[str, str]:
        """The stack's outputs by name; empty if there is no stack."""
        stack = self.describe()
        known = stack.get("Outputs", []) if stack else []
        return {each["OutputKey"]: each["OutputValue"] for each in known}

    def parameters(self) -> dict[str, str]:
        """The parameters that the stack was last deployed with."""
        stack = self.describe()
        known = stack.get("Parameters", []) if stack else []
        return {each["ParameterKey"]: each["ParameterValue"] for each in known}

    def template(self) -> str:
        """The template as it was last deployed."""
        return str(self.cloudformation.get_template(StackName=self.name)["TemplateBody"])

    def validate(self, template: str) -> None:
        """Raise ``StackError`` if CloudFormation can't read the template; changes nothing."""
        try:
            self.cloudformation.validate_template(TemplateBody=template)
        except ClientError as error:
            reason = error.response["Error"]["Message"]
            raise StackError(f"CloudFormation refused the template: {reason}") from error

    def apply(self, template: str, parameters: Mapping[str, str]) -> bool:
        """Create or update the stack; answers whether anything had to change.

        A stack that another deployment is at work on is waited for, and one whose creation failed
        is deleted first, as CloudFormation demands. Raises ``StackError``.
        """
        status = self._settle()
        if status in ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED"):
            self.say(f"Removing the stack that an earlier deployment left as {status}")
            self.delete()
            status = None
        creates = status in (None, "REVIEW_IN_PROGRESS")
        change_set = self.cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"deploy-{time.time_ns()}",
            ChangeSetType="CREATE" if creates else "UPDATE",
            TemplateBody=template,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            # The API's body is included from the artifact bucket.
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            Tags=[{"Key": "project", "Value": "darkroom"}],
        )["Id"]
        if not self._wait_for_change_set(change_set):
            self.cloudformation.delete_change_set(ChangeSetName=change_set)
            return False
        seen = {event["EventId"] for event in self._events()}
        self.cloudformation.execute_change_set(ChangeSetName=change_set)
        self._follow(seen, goal="CREATE_COMPLETE" if creates else "UPDATE_COMPLETE")
        return True

    def delete(self) -> None:
        """Delete the stack and follow it to its end. Raises ``StackError``."""
        stack = self.describe()
        if stack is None:
            return
        # A deleted stack is found by its id alone.
        same = Stack(self.cloudformation, stack["StackId"], self.say)
        seen = {event["EventId"] for event in same._events()}
        self.cloudformation.delete_stack(StackName=self.name)
        same._follow(seen, goal="DELETE_COMPLETE")

    def _settle(self) -> str | None:
        """Wait until nobody works on the stack; its status then."""
        said = False
        for _ in _polls(f"Stack {self.name} is still being changed by another deployment."):
            stack = self.describe()
            status = stack["StackStatus"] if stack else None
            if status == "DELETE_COMPLETE":
                return None
            if (
                status is None
                or not status.endswith("_IN_PROGRESS")
                or status == "REVIEW_IN_PROGRESS"
            ):
                return status
            if not said:
                self.say(f"Another deployment is at work ({status}): waiting for it to end")
                said = True
        raise AssertionError

    def _wait_for_change_set(self, change_set: str) -> bool:
        """Whether the change set holds any change, once it is made."""
        for _ in _polls(f"The change set of stack {self.name} is not getting ready."):
            answer = self.cloudformation.describe_change_set(ChangeSetName=change_set)
            if answer["Status"] == "CREATE_COMPLETE":
                return bool(answer["Changes"])
            if answer["Status"] == "FAILED":
                reason = answer.get("StatusReason", "no reason given")
                if "didn't contain changes" in reason or "No updates are to be" in reason:
                    return False
                raise StackError(f"CloudFormation refused the template: {reason}")
        raise AssertionError

    def _follow(self, seen: set[str], goal: str) -> None:
        """Say each event until the stack has come to rest; raise unless that is at ``goal``."""
        began: dict[str, float] = {}
        failed: list[StackEventTypeDef] = []

        def say_new_events() -> bool:
            events = [event for event in self._events() if event["EventId"] not in seen]
            for event in events:
                seen.add(event["EventId"])
                self._say_event(event, began)
                if event["ResourceStatus"].endswith("_FAILED"):
                    failed.append(event)
            return bool(events)

        has_begun = False
        for _ in _polls(f"Stack {self.name} did not reach {goal}."):
            # Until the first event, the status is still that of the deployment before.
            has_begun |= say_new_events()
            stack = self.describe()
            status = stack["StackStatus"] if stack else "DELETE_COMPLETE"
            if status.endswith("_IN_PROGRESS") or not (has_begun or status == "DELETE_COMPLETE"):
                continue
            say_new_events()
            if status != goal:
                raise StackError(f"Stack {self.name} ended as {status}.{explain(failed)}")
            return

    def _events(self) -> "list[StackEventTypeDef]":
        """The stack's events, the oldest first; none if there is no stack."""
        pages = self.cloudformation.get_paginator("describe_stack_events")
        try:
            events = [
                event
                for page in pages.paginate(StackName=self.name)
                for event in page["StackEvents"]
            ]
        except ClientError as error:
            if "does not exist" in str(error):
                return []
            raise
        return events[::-1]

    def _say_event(self, event: "StackEventTypeDef", began: dict[str, float]) -> None:
        resource, status = event["LogicalResourceId"], event["ResourceStatus"]
        moment = event["Timestamp"].timestamp()
        if status.endswith("_IN_PROGRESS"):
            began.setdefault(resource, moment)
            return
        took = f"{moment - began[resource]:5.1f} s" if resource in began else " " * 7
        self.say(f"  {took}  {status:<16} {event['ResourceType']:<34} {resource}")


def explain(failed: "list[StackEventTypeDef]") -> str:
    """The events that made a deployment fail: the first is the cause, later ones may follow."""
    lines = [
        f"  {event['LogicalResourceId']} ({event['ResourceType']}): "
        f"{event.get('ResourceStatusReason', 'no reason given')}"
        for event in failed
        # What CloudFormation cancelled because something else had failed explains nothing.
        if "cancelled" not in event.get("ResourceStatusReason", "")
    ]
    return "\n" + "\n".join(lines) if lines else ""


def _polls(complaint: str) -> Iterator[None]:
    """Tick at growing intervals; raises ``StackError`` with ``complaint`` when patience ends."""
    deadline = time.monotonic() + PATIENCE
    interval = 0.1
    while time.monotonic() < deadline:
        yield
        time.sleep(interval)
        interval = min(2.0, interval * 1.3)
    raise StackError(f"{complaint} Gave up after {PATIENCE / 60:.0f} minutes.")
