"""Stacks under test: created, updated and deleted by templates."""

import itertools
import json
from typing import Any

from .localstack import LocalStack
from .waiting import wait_for

CALLED = {"RetainExceptOnCreate", "RollbackConfiguration"}
"""Arguments that are those of the call."""

_numbers = itertools.count()


class Stack:
    """One stack."""

    def __init__(self, emulator: LocalStack, prefix: str = "stack") -> None:
        self.name = f"{prefix}-{next(_numbers)}"
        self.cloudformation = emulator.client("cloudformation")

    def create(
        self, resources: dict[str, Any], parameters: dict[str, str] | None = None, **more: Any
    ) -> str:
        """Create the stack; return its status then."""
        self.cloudformation.create_stack(**self.request(resources, parameters, **more))
        return self.ended()

    def update(
        self, resources: dict[str, Any], parameters: dict[str, str] | None = None, **more: Any
    ) -> str:
        """Update the stack; return its status then."""
        self.cloudformation.update_stack(**self.request(resources, parameters, **more))
        return self.ended()

    def change_set(self, resources: dict[str, Any], **more: Any) -> dict[str, dict[str, Any]]:
        """Return what an update would change, by logical id."""
        request = self.request(resources, **more)
        made = self.cloudformation.create_change_set(
            **request, ChangeSetName=f"change-{next(_numbers)}"
        )
        described = self.cloudformation.describe_change_set(
            ChangeSetName=made["Id"], IncludePropertyValues=True
        )
        self.cloudformation.delete_change_set(ChangeSetName=made["Id"])
        changes = (each["ResourceChange"] for each in described["Changes"])
        return {each["LogicalResourceId"]: each for each in changes}

    def request(
        self,
        resources: dict[str, Any],
        parameters: dict[str, str] | None = None,
        tags: dict[str, str] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Return the arguments of a call; others are those of the call or the template's."""
        given = [
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in (parameters or {}).items()
        ]
        called = {name: more.pop(name) for name in CALLED & more.keys()}
        request = {
            **called,
            "StackName": self.name,
            "TemplateBody": json.dumps({"Resources": resources, **more}),
            "Parameters": given,
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        }
        if tags is not None:
            request["Tags"] = [{"Key": name, "Value": value} for name, value in tags.items()]
        return request

    def status(self) -> str:
        """Return the stack's status."""
        (stack,) = self.cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        return str(stack["StackStatus"])

    def ended(self) -> str:
        """Return the stack's status when it is not in progress."""
        wait_for(lambda: not self.status().endswith("IN_PROGRESS"))
        return self.status()

    def id_of(self, resource: str) -> str:
        """Return the physical id of a resource."""
        response = self.cloudformation.describe_stack_resource(
            StackName=self.name, LogicalResourceId=resource
        )
        return str(response["StackResourceDetail"]["PhysicalResourceId"])

    def outputs(self) -> dict[str, str]:
        """Return the stack's outputs."""
        (stack,) = self.cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    def events(self, after: str = "UPDATE_IN_PROGRESS") -> list[tuple[str, str]]:
        """Return the logical ids and statuses of the events since the last start, the last first.

        Those of the stack have its name.
        """
        pages = self.cloudformation.get_paginator("describe_stack_events")
        found = []
        for page in pages.paginate(StackName=self.name):
            for each in page["StackEvents"]:
                found.append((each["LogicalResourceId"], each["ResourceStatus"]))
                if found[-1] == (self.name, after):
                    return found
        return found

    def reasons(self) -> str:
        """Return the reasons of all events."""
        response = self.cloudformation.describe_stack_events(StackName=self.name)
        return "\n".join(
            each["ResourceStatusReason"]
            for each in response["StackEvents"]
            if "ResourceStatusReason" in each
        )

    def delete(self) -> None:
        """Delete the stack."""
        self.cloudformation.delete_stack(StackName=self.name)
        waiter = self.cloudformation.get_waiter("stack_delete_complete")
        waiter.wait(StackName=self.name, WaiterConfig={"Delay": 1})
