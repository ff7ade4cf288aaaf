"""A CloudFormation stack: create, update, compare, follow and delete it."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from localstack_init.change_set import (
    Change,
    create_change_set,
    delete_change_set,
    delete_stale_change_sets,
    read_changes,
)
from localstack_init.cloudformation import (
    OUTAGE_SECONDS,
    OvertakenError,
    Say,
    Sleep,
    StackError,
    code,
    reason,
    wait_for,
)
from localstack_init.events import EventLog
from localstack_init.template import read_template

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import (
        RollbackConfigurationTypeDef,
        StackResourceSummaryTypeDef,
        StackTypeDef,
    )

RETAINED = ("Retain", "RetainExceptOnCreate")
"""Deletion policies with which a resource of a complete stack outlives it."""

TRIGGERS = ("ErrorRateAlarm", "FunctionErrorsAlarm", "ApiErrorsAlarm", "WorkflowFailuresAlarm")
"""Alarms that new code can raise; CloudFormation accepts five. The others may be in alarm for the
number of uploads, which would roll back each deployment."""

DELETE_ONLY = ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED")
"""Statuses of a stack that can only be deleted."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack, by its name or id."""

    cloudformation: "CloudFormationClient"
    name: str
    say: Say
    sleep: Sleep = time.sleep
    outage_seconds: float = OUTAGE_SECONDS

    def describe(self) -> "StackTypeDef | None":
        """Return CloudFormation's description of the stack; None if it does not exist."""
        try:
            return self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise

    def is_deployed(self) -> bool:
        """Return whether the stack exists, and was created successfully."""
        stack = self.describe()
        return stack is not None and stack["StackStatus"] not in (
            *DELETE_ONLY, "REVIEW_IN_PROGRESS",
        )  # fmt: skip

    def outputs(self) -> dict[str, str]:
        """Return the stack's outputs by name; empty if it does not exist."""
        stack = self.describe()
        known = stack.get("Outputs", []) if stack else []
        return {each["OutputKey"]: each["OutputValue"] for each in known}

    def leftover(self) -> str | None:
        """Return the status of a stack that the next deployment deletes and creates; else None."""
        stack = self.describe()
        return stack["StackStatus"] if stack and stack["StackStatus"] in DELETE_ONLY else None

    def parameters(self) -> dict[str, str]:
        """Return the parameters of the last deployment; empty if there was none."""
        stack = self.describe()
        if stack is None or stack["StackStatus"] in DELETE_ONLY:
            return {}
        known = stack.get("Parameters", [])
        return {each["ParameterKey"]: each["ParameterValue"] for each in known}

    def template(self) -> str:
        """Return the template of the last deployment, as it was sent."""
        response = self.cloudformation.get_template(StackName=self.name, TemplateStage="Original")
        body: object = response["TemplateBody"]
        # botocore parses JSON.
        return body if isinstance(body, str) else json.dumps(body)

    def validate(self, template: str) -> None:
        """Raise ``StackError`` if CloudFormation refuses the template at a URL; changes nothing."""
        try:
            self.cloudformation.validate_template(TemplateURL=template)
        except ClientError as error:
            raise StackError(f"CloudFormation refused the template: {reason(error)}") from error

    def apply(
        self, template: str, parameters: Mapping[str, str], monitoring_minutes: int = 0
    ) -> bool:
        """Create or update the stack by the template at a URL; return whether anything changed.

        With ``monitoring_minutes``, an alarm during an update, or for as long after it, rolls it
        back. Resumes after an earlier deployment that failed or was interrupted. Raises
        ``StackError``.
        """
        exists = self._recover()
        change_set = create_change_set(
            self.cloudformation, self.name, "deploy", template, parameters, exists=exists,
            rollback=self._rollback(monitoring_minutes) if exists else None,
        )  # fmt: skip
        if not change_set:
            return False
        events = self._events()
        try:
            self.cloudformation.execute_change_set(ChangeSetName=change_set)
        except ClientError as error:
            if code(error) in ("ChangeSetNotFound", "InvalidChangeSetStatus", "ValidationError"):
                raise OvertakenError(
                    f"Another deployment has changed the stack: {reason(error)} Deploy again."
                ) from error
            raise
        try:
            self._follow(events, goal="UPDATE_COMPLETE" if exists else "CREATE_COMPLETE")
        except (KeyboardInterrupt, BotoCoreError, ClientError):
            self.say("CloudFormation continues the deployment. Deploy again to follow it.")
            raise
        return True

    def compare(self, template: str, parameters: Mapping[str, str]) -> list[Change]:
        """Return what ``apply`` would change in an existing stack. Raises ``StackError``."""
        change_set = create_change_set(
            self.cloudformation, self.name, "compare", template, parameters, exists=True
        )
        if not change_set:
            return []
        try:
            return read_changes(self.cloudformation, change_set)
        finally:
            delete_change_set(self.cloudformation, change_set)

    def protect(self, policy: str) -> None:
        """Protect the stack from deletion, and the resources that a stack policy names.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
        """
        self.cloudformation.update_termination_protection(
            StackName=self.name, EnableTerminationProtection=True
        )
        self.cloudformation.set_stack_policy(StackName=self.name, StackPolicyBody=policy)

    def check_deletable(self) -> None:
        """Raise ``StackError`` if the stack is protected from deletion."""
        stack = self.describe()
        if stack and stack.get("EnableTerminationProtection"):
            kept = ", ".join(self.retained())
            raise StackError(
                f"Stack {self.name} has termination protection. Nothing was deleted. To delete the "
                "stack, disable the protection first: aws cloudformation "
                f"update-termination-protection --no-enable-termination-protection "
                f"{self._options()}" + (f"\nIts data stays even then, in {kept}." if kept else "")
            )

    def retained(self) -> dict[str, str]:
        """Return the types of the resources that outlive the stack, by physical id."""
        stack = self.describe()
        if stack is None or stack["StackStatus"] in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE"):
            return {}
        resources = _resources(self.template())
        return {
            each["PhysicalResourceId"]: each["ResourceType"]
            for each in self._summaries()
            if resources.get(each["LogicalResourceId"], {}).get("DeletionPolicy") in RETAINED
            and each.get("PhysicalResourceId")
        }

    def resources(self, kind: str) -> list[str]:
        """Return the physical ids of the stack's resources of a type."""
        return [
            each["PhysicalResourceId"]
            for each in self._summaries()
            if each["ResourceType"] == kind and each.get("PhysicalResourceId")
        ]

    def _summaries(self) -> "list[StackResourceSummaryTypeDef]":
        pages = self.cloudformation.get_paginator("list_stack_resources")
        try:
            return [
                each
                for page in pages.paginate(StackName=self.name)
                for each in page["StackResourceSummaries"]
            ]
        except ClientError as error:
            if "does not exist" in str(error):
                return []
            raise

    def delete(self) -> None:
        """Delete the stack, and follow the deletion to its end. Raises ``StackError``."""
        stack = self.describe()
        if stack is None:
            return
        # CloudFormation finds a deleted stack by its id only.
        same = Stack(
            self.cloudformation, stack["StackId"], self.say, self.sleep, self.outage_seconds
        )
        events = same._events()
        self.cloudformation.delete_stack(StackName=self.name)
        same._follow(events, goal="DELETE_COMPLETE")

    def wait_until_stable(self) -> str | None:
        """Wait for another deployment's end; return the status then, None if no stack exists.

        Raises ``StackError`` after a timeout.
        """
        said = False

        def status() -> str | None:
            nonlocal said
            stack = self.describe()
            known = stack["StackStatus"] if stack else "DELETE_COMPLETE"
            if known == "REVIEW_IN_PROGRESS" or not known.endswith("_IN_PROGRESS"):
                return known
            if not said:
                self.say(f"Another deployment is in progress ({known}): waiting until it ends")
                said = True
            return None

        complaint = f"Another deployment is still changing stack {self.name}."
        ended = self._wait_for(status, complaint)
        return None if ended == "DELETE_COMPLETE" else ended

    def _rollback(self, minutes: int) -> "RollbackConfigurationTypeDef":
        """Return the alarms that roll back an update. Without minutes there are none.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-rollback-triggers.html
        """
        # Without a list, the triggers of the last update apply.
        if not minutes:
            return {"RollbackTriggers": [], "MonitoringTimeInMinutes": 0}
        names = [
            each["PhysicalResourceId"]
            for each in self._summaries()
            if each["LogicalResourceId"] in TRIGGERS and each.get("PhysicalResourceId")
        ]
        stack = self.describe()
        if not (names and stack):
            raise StackError(
                f"Stack {self.name} has no alarms that could roll back the deployment. Deploy with "
                "Alarms=on, or without --monitor."
            )
        # arn:aws:cloudformation:eu-central-1:123456789012:stack/…
        prefix = stack["StackId"].partition(":stack/")[0].replace("cloudformation", "cloudwatch")
        return {
            "RollbackTriggers": [
                {"Arn": f"{prefix}:alarm:{each}", "Type": "AWS::CloudWatch::Alarm"}
                for each in names
            ],
            "MonitoringTimeInMinutes": minutes,
        }

    def _recover(self) -> bool:
        """Make the stack updatable; return whether it exists.

        Waits for another deployment. Deletes a stack whose creation failed, as CloudFormation
        requires, and retries a failed rollback. Deletes change sets that were never executed.
        """
        status = self.wait_until_stable()
        if status == "UPDATE_ROLLBACK_FAILED":
            self._continue_rollback()
        if status in DELETE_ONLY:
            self.say(f"Deleting the stack: an earlier deployment left it as {status}")
            self.delete()
            status = None
        if status is not None:
            delete_stale_change_sets(self.cloudformation, self.name, self.say)
        return status not in (None, "REVIEW_IN_PROGRESS")

    def _continue_rollback(self) -> None:
        self.say("The last update and its rollback failed: retrying the rollback")
        events = self._events()
        self.cloudformation.continue_update_rollback(StackName=self.name)
        try:
            self._follow(events, goal="UPDATE_ROLLBACK_COMPLETE")
        except StackError as error:
            raise StackError(
                f"{error}\nFix the problems in these events, and deploy again. Or skip the "
                "resources: aws cloudformation continue-update-rollback --resources-to-skip NAME… "
                f"{self._options()}"
            ) from error

    def _follow(self, events: EventLog, goal: str) -> None:
        """Print each event until the stack is stable; raise ``StackError`` unless at ``goal``."""
        has_begun = False

        def status() -> str | None:
            nonlocal has_begun
            # Before the first event, the status is the last deployment's.
            has_begun |= events.say_new()
            stack = self.describe()
            known = stack["StackStatus"] if stack else "DELETE_COMPLETE"
            at_rest = has_begun or known == "DELETE_COMPLETE"
            return known if at_rest and not known.endswith("_IN_PROGRESS") else None

        ended = self._wait_for(status, f"Stack {self.name} did not reach {goal}.")
        events.say_new()
        if ended != goal:
            raise StackError(f"Stack {self.name} ended as {ended}.{events.explain()}")

    def _wait_for(self, status: Callable[[], str | None], complaint: str) -> str:
        return wait_for(status, complaint, self.say, self.sleep, self.outage_seconds)

    def _events(self) -> EventLog:
        return EventLog(self.cloudformation, self.name, self.say)

    def _options(self) -> str:
        """Return the AWS CLI's options for this stack."""
        return f"--stack-name {self.name} --region {self.cloudformation.meta.region_name}"


def _resources(template: str) -> dict[str, Any]:
    """Return a template's resources; ours are JSON, which is read in far less time than YAML."""
    try:
        sections = json.loads(template)
    except ValueError:
        sections = read_template(template)
    resources: dict[str, Any] = sections["Resources"]
    return resources
