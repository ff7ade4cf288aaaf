"""A stack's events as they happen: said to who watches, and kept to explain a failure."""

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

    from localstack_init.cloudformation import Say


class EventLog:
    """The events of a stack, by its name or its id, from now on."""

    def __init__(self, cloudformation: "CloudFormationClient", stack: str, say: "Say") -> None:
        self._cloudformation = cloudformation
        self._stack = stack
        self._say = say
        self._began: dict[str, float] = {}
        self._failed: list[StackEventTypeDef] = []
        self._seen = {event["EventId"] for event in self._unseen(frozenset(), pages=1)}

    def say_new(self) -> bool:
        """Say what has happened since; answers whether anything has."""
        events = self._unseen(self._seen)
        for event in events:
            self._seen.add(event["EventId"])
            self._say_event(event)
            if event["ResourceStatus"].endswith("_FAILED"):
                self._failed.append(event)
        return bool(events)

    def explain(self) -> str:
        """The events that made it fail: the first is the cause, later ones may follow from it."""
        lines = [
            f"\n  {event['LogicalResourceId']} ({event['ResourceType']}): "
            f"{event.get('ResourceStatusReason', 'no reason given')}"
            for event in self._failed
            # What CloudFormation cancelled because something else had failed explains nothing.
            if "cancelled" not in event.get("ResourceStatusReason", "")
        ]
        return "".join(lines)

    def _unseen(
        self, seen: "frozenset[str] | set[str]", pages: int | None = None
    ) -> "list[StackEventTypeDef]":
        """Events that were not seen, the oldest first; none if there is no stack.

        The newest come first, and a stack has those of its whole life: pages are read as far as
        there is anything new.
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
