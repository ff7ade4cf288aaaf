"""A CloudFormation stack: create or update through a change set, follow its events, delete."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from localstack_init.change_set import Change, read_changes
from localstack_init.cloudformation import Say, StackError, code, reason, wait_for
from localstack_init.events import EventLog

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import DescribeChangeSetOutputTypeDef, StackTypeDef

__all__ = ["Say", "Stack", "StackError"]

PURPOSES = ("deploy-", "compare-")
"""How the names of our change sets begin."""

STILLBORN = ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED")
"""States of a stack that can only be deleted."""


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

    def leftover(self) -> str | None:
        """The state of a stack that the next deployment deletes and creates anew; else None."""
        stack = self.describe()
        return stack["StackStatus"] if stack and stack["StackStatus"] in STILLBORN else None

    def parameters(self) -> dict[str, str]:
        """The parameters that the stack was last deployed with; none if it never was."""
        stack = self.describe()
        if stack is None or stack["StackStatus"] in STILLBORN:
            return {}
        known = stack.get("Parameters", [])
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
        events = self._events()
        try:
            self.cloudformation.execute_change_set(ChangeSetName=change_set)
        except ClientError as error:
            if code(error) in ("ChangeSetNotFound", "InvalidChangeSetStatus", "ValidationError"):
                raise StackError(
                    f"Another deployment came between: {reason(error)} Deploy again."
                ) from error
            raise
        try:
            self._follow(events, goal="UPDATE_COMPLETE" if exists else "CREATE_COMPLETE")
        except (KeyboardInterrupt, BotoCoreError, ClientError):
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
            self._drop(change_set)

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
            region = self.cloudformation.meta.region_name
            raise StackError(
                f"Stack {self.name} is protected from deletion, and nothing was touched. Who means "
                "it lifts the protection first: aws cloudformation update-termination-protection "
                f"--no-enable-termination-protection --stack-name {self.name} --region {region}"
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
        events = same._events()
        self.cloudformation.delete_stack(StackName=self.name)
        same._follow(events, goal="DELETE_COMPLETE")

    def settle(self) -> str | None:
        """Wait until nobody works on the stack; its status then, None if it does not exist.

        Raises ``StackError`` if that takes too long.
        """
        said = False

        def status() -> str | None:
            nonlocal said
            stack = self.describe()
            known = stack["StackStatus"] if stack else "DELETE_COMPLETE"
            if known == "REVIEW_IN_PROGRESS" or not known.endswith("_IN_PROGRESS"):
                return known
            if not said:
                self.say(f"Another deployment is at work ({known}): waiting for it to end")
                said = True
            return None

        ended = wait_for(status, f"Stack {self.name} is still being changed by another deployment.")
        return None if ended == "DELETE_COMPLETE" else ended

    def _put_in_order(self) -> bool:
        """Make the stack one that can be changed; answers whether it exists.

        Another deployment is waited for. A stack whose creation failed is deleted, as
        CloudFormation demands; of one whose update could not be undone, that is tried again. What
        was proposed and never executed is withdrawn.
        """
        status = self.settle()
        if status == "UPDATE_ROLLBACK_FAILED":
            self._undo()
        if status in STILLBORN:
            self.say(f"Removing the stack that an earlier deployment left as {status}")
            self.delete()
            status = None
        if status is not None:
            self._withdraw()
        return status not in (None, "REVIEW_IN_PROGRESS")

    def _undo(self) -> None:
        """Try again to undo an update."""
        self.say("The last update failed, and so did undoing it: trying that again")
        events = self._events()
        self.cloudformation.continue_update_rollback(StackName=self.name)
        try:
            self._follow(events, goal="UPDATE_ROLLBACK_COMPLETE")
        except StackError as error:
            raise StackError(
                f"{error}\nMend what these events name, and deploy again. Or leave it as it is: "
                "aws cloudformation continue-update-rollback --resources-to-skip NAME… "
                f"--stack-name {self.name} --region {self.cloudformation.meta.region_name}"
            ) from error

    def _withdraw(self) -> None:
        """Delete the change sets that an interrupted deployment left."""
        pages = self.cloudformation.get_paginator("list_change_sets")
        for page in pages.paginate(StackName=self.name):
            for each in page["Summaries"]:
                name = each["ChangeSetName"]
                was_executed = each.get("ExecutionStatus", "").startswith("EXECUTE")
                if name.startswith(PURPOSES) and not was_executed:
                    self.say(f"Withdrawing what was proposed and not executed: {name}")
                    self._drop(each["ChangeSetId"])

    def _drop(self, change_set: str) -> None:
        try:
            self.cloudformation.delete_change_set(ChangeSetName=change_set)
        except ClientError as error:
            # It is still being made. CloudFormation drops it when another one is executed.
            if code(error) != "InvalidChangeSetStatus":
                raise

    def _propose(
        self, purpose: str, template: str, parameters: Mapping[str, str], *, exists: bool
    ) -> str | None:
        """Make a change set; answers its id, or None if it would change nothing."""
        try:
            change_set = self.cloudformation.create_change_set(
                StackName=self.name,
                ChangeSetName=f"{purpose}-{time.time_ns()}",
                ChangeSetType="UPDATE" if exists else "CREATE",
                TemplateBody=template,
                Parameters=[
                    {"ParameterKey": key, "ParameterValue": value}
                    for key, value in parameters.items()
                ],
                # The API's body is included from the artifact bucket.
                Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
                Tags=[{"Key": "project", "Value": "darkroom"}],
            )["Id"]
        except ClientError as error:
            if code(error) == "ValidationError":
                raise StackError(f"CloudFormation refused the change: {reason(error)}") from error
            raise

        def outcome() -> "DescribeChangeSetOutputTypeDef | None":
            answer = self.cloudformation.describe_change_set(ChangeSetName=change_set)
            return answer if answer["Status"] in ("CREATE_COMPLETE", "FAILED") else None

        try:
            made = wait_for(outcome, f"The change set of stack {self.name} is not getting ready.")
        except BaseException:
            self._drop(change_set)
            raise
        # One that changes outputs alone has no changes, and can be executed.
        works = made.get("Changes") or made.get("ExecutionStatus") == "AVAILABLE"
        if made["Status"] == "CREATE_COMPLETE" and works:
            return change_set
        self._drop(change_set)
        why = made.get("StatusReason", "no reason given")
        is_empty = "didn't contain changes" in why or "No updates are to be" in why
        if made["Status"] == "FAILED" and not is_empty:
            raise StackError(f"CloudFormation refused the template: {why}")
        return None

    def _follow(self, events: EventLog, goal: str) -> None:
        """Say each event until the stack has come to rest; raise unless that is at ``goal``."""
        has_begun = False

        def status() -> str | None:
            nonlocal has_begun
            # Until the first event, the status is still that of the deployment before.
            has_begun |= events.say_new()
            stack = self.describe()
            known = stack["StackStatus"] if stack else "DELETE_COMPLETE"
            at_rest = has_begun or known == "DELETE_COMPLETE"
            return known if at_rest and not known.endswith("_IN_PROGRESS") else None

        ended = wait_for(status, f"Stack {self.name} did not reach {goal}.")
        events.say_new()
        if ended != goal:
            raise StackError(f"Stack {self.name} ended as {ended}.{events.explain()}")

    def _events(self) -> EventLog:
        return EventLog(self.cloudformation, self.name, self.say)
