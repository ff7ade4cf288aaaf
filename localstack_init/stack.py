"""A CloudFormation stack: create or update through a change set, follow its events, delete."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from localstack_init.changes import Change, read_changes

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef, StackTypeDef

Say = Callable[[str], None]
"""Takes a line for the person who watches."""

PATIENCE = 3600.0
"""Seconds after which CloudFormation is given up on."""

PURPOSES = ("deploy-", "compare-")
"""How the names of our change sets begin."""

STILLBORN = ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED")
"""States of a stack that can only be deleted."""


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

    def is_deployed(self) -> bool:
        """Whether the stack exists, and is not one that could never be created."""
        stack = self.describe()
        return stack is not None and stack["StackStatus"] not in (*STILLBORN, "REVIEW_IN_PROGRESS")

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
        """The template as it was last deployed, before what it includes was included."""
        answer = self.cloudformation.get_template(StackName=self.name, TemplateStage="Original")
        return str(answer["TemplateBody"])

    def validate(self, template: str) -> None:
        """Raise ``StackError`` if CloudFormation can't read the template; changes nothing."""
        try:
            self.cloudformation.validate_template(TemplateBody=template)
        except ClientError as error:
            reason = error.response["Error"]["Message"]
            raise StackError(f"CloudFormation refused the template: {reason}") from error

    def apply(self, template: str, parameters: Mapping[str, str]) -> bool:
        """Create or update the stack; answers whether anything had to change.

        What an earlier deployment left is put in order first, wherever it was interrupted. Raises
        ``StackError``.
        """
        exists = self._put_in_order()
        change_set = self._propose("deploy", template, parameters, exists=exists)
        if not change_set:
            return False
        seen = {event["EventId"] for event in self._events()}
        self.cloudformation.execute_change_set(ChangeSetName=change_set)
        try:
            self._follow(seen, goal="UPDATE_COMPLETE" if exists else "CREATE_COMPLETE")
        except KeyboardInterrupt:
            self.say("CloudFormation goes on by itself. Deploy again to follow it to its end.")
            raise
        return True

    def compare(self, template: str, parameters: Mapping[str, str]) -> list[Change]:
        """What ``apply`` would change in a stack that exists. Raises ``StackError``."""
        change_set = self._propose("compare", template, parameters, exists=True)
        if not change_set:
            return []
        try:
            return read_changes(self.cloudformation, change_set)
        finally:
            self.cloudformation.delete_change_set(ChangeSetName=change_set)

    def protect(self, policy: str) -> None:
        """Let nobody delete the stack, nor replace or delete the resources that ``policy`` names.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
        """
        self.cloudformation.update_termination_protection(
            StackName=self.name, EnableTerminationProtection=True
        )
        self.cloudformation.set_stack_policy(StackName=self.name, StackPolicyBody=policy)

    def check_deletable(self) -> None:
        """Raise ``StackError`` if the stack is protected."""
        stack = self.describe()
        if stack and stack.get("EnableTerminationProtection"):
            raise StackError(
                f"Stack {self.name} is protected from deletion. To lift that: aws cloudformation "
                f"update-termination-protection --no-enable-termination-protection --stack-name "
                f"{self.name}"
            )

    def resources(self, kind: str) -> list[str]:
        """The physical names of the stack's resources of a type; none if there is no stack."""
        pages = self.cloudformation.get_paginator("list_stack_resources")
        try:
            return [
                each["PhysicalResourceId"]
                for page in pages.paginate(StackName=self.name)
                for each in page["StackResourceSummaries"]
                if each["ResourceType"] == kind and each.get("PhysicalResourceId")
            ]
        except ClientError as error:
            if "does not exist" in str(error):
                return []
            raise

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

    def _put_in_order(self) -> bool:
        """Make the stack one that can be changed; answers whether it exists.

        Another deployment is waited for. A stack whose creation failed is deleted, as
        CloudFormation demands; of one whose update could not be undone, that is tried again. What
        was proposed and never executed is withdrawn.
        """
        status = self._settle()
        if status == "UPDATE_ROLLBACK_FAILED":
            self.say("The last update failed, and so did undoing it: trying that again")
            seen = {event["EventId"] for event in self._events()}
            self.cloudformation.continue_update_rollback(StackName=self.name)
            self._follow(seen, goal="UPDATE_ROLLBACK_COMPLETE")
        if status in STILLBORN:
            self.say(f"Removing the stack that an earlier deployment left as {status}")
            self.delete()
            status = None
        if status is not None:
            self._withdraw()
        return status not in (None, "REVIEW_IN_PROGRESS")

    def _withdraw(self) -> None:
        """Delete the change sets that an interrupted deployment left."""
        pages = self.cloudformation.get_paginator("list_change_sets")
        for page in pages.paginate(StackName=self.name):
            for each in page["Summaries"]:
                if each["ChangeSetName"].startswith(PURPOSES):
                    self.say(
                        f"Withdrawing what was proposed and not executed: {each['ChangeSetName']}"
                    )
                    self.cloudformation.delete_change_set(ChangeSetName=each["ChangeSetId"])

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

    def _propose(
        self, purpose: str, template: str, parameters: Mapping[str, str], *, exists: bool
    ) -> str | None:
        """Make a change set; answers its id, or None if it would change nothing."""
        change_set = self.cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"{purpose}-{time.time_ns()}",
            ChangeSetType="UPDATE" if exists else "CREATE",
            TemplateBody=template,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            # The API's body is included from the artifact bucket.
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
            Tags=[{"Key": "project", "Value": "darkroom"}],
        )["Id"]
        for _ in _polls(f"The change set of stack {self.name} is not getting ready."):
            answer = self.cloudformation.describe_change_set(ChangeSetName=change_set)
            if answer["Status"] == "CREATE_COMPLETE" and answer["Changes"]:
                return change_set
            reason = answer.get("StatusReason", "no reason given")
            is_empty = "didn't contain changes" in reason or "No updates are to be" in reason
            if answer["Status"] == "FAILED" and not is_empty:
                raise StackError(f"CloudFormation refused the template: {reason}")
            if answer["Status"] in ("CREATE_COMPLETE", "FAILED"):
                self.cloudformation.delete_change_set(ChangeSetName=change_set)
                return None
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
