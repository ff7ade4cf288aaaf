"""Stack events: printed as they happen, and collected to explain a failure."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from localstack_init.cloudformation import Say

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef


class EventLog:
    """The events of a stack, by its name or id, from the log's creation on."""

    def __init__(self, cloudformation: "CloudFormationClient", stack: str, say: Say) -> None:
        self._cloudformation = cloudformation
        self._stack = stack
        self._say = say
        self._began: dict[str, float] = {}
        self._failed: list[StackEventTypeDef] = []
        self._seen = {event["EventId"] for event in self._unseen((), pages=1)}

    def say_new(self) -> bool:
        """Print the events since the last call; return whether there were any."""
        events = self._unseen(self._seen)
        for event in events:
            self._seen.add(event["EventId"])
            self._say_event(event)
            if event["ResourceStatus"].endswith("_FAILED"):
                self._failed.append(event)
        return bool(events)

    def explain(self) -> str:
        """Return the failed events, a line each: the first is the cause of the others."""
        lines = [
            f"\n  {event['LogicalResourceId']} ({event['ResourceType']}): "
            f"{event.get('ResourceStatusReason', 'no reason given')}"
            for event in self._failed
            # CloudFormation cancels other resources after the first failure.
            if "cancelled" not in event.get("ResourceStatusReason", "")
        ]
        return "".join(lines)

    def _unseen(self, seen: Collection[str], pages: int | None = None) -> "list[StackEventTypeDef]":
        """Return events that are not in ``seen``, oldest first; none if no stack exists.

        CloudFormation lists the events of the stack's whole life, newest first: reading stops at
        the first page with a seen event.
        """
        paginator = self._cloudformation.get_paginator("describe_stack_events")
        found: list[StackEventTypeDef] = []
        try:
            for number, page in enumerate(paginator.paginate(StackName=self._stack), 1):
                unseen = [each for each in page["StackEvents"] if each["EventId"] not in seen]
                found += unseen
                if len(unseen) < len(page["StackEvents"]) or number == pages:
                    break
        except ClientError as error:
            if "does not exist" not in str(error):
                raise
        return found[::-1]

    def _say_event(self, event: "StackEventTypeDef") -> None:
        resource, status = event["LogicalResourceId"], event["ResourceStatus"]
        moment = event["Timestamp"].timestamp()
        if status.endswith("_IN_PROGRESS"):
            self._began.setdefault(resource, moment)
            return
        began = self._began.get(resource)
        took = " " * 7 if began is None else f"{moment - began:5.1f} s"
        self._say(f"  {took}  {status:<16} {event['ResourceType']:<34} {resource}")
