"""Stubbed clients, and the calls of a stack's deployment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.stub import ANY, Stubber

from localstack_init.stack import Stack

NOW = datetime(2026, 5, 1, tzinfo=UTC)
CHANGE_SET = "arn:aws:cloudformation:eu-central-1:1:changeSet/deploy/1"


class Session:
    """A boto3 session with a test's clients, by the names of their services."""

    def __init__(self, **clients: object) -> None:
        self._clients = clients

    def client(self, service: str, **_: object) -> Any:
        """Return the client of a service. Raises ``KeyError`` if the test has none."""
        return self._clients[service]


@contextmanager
def stubbed(service: str) -> Iterator[Stubber]:
    """Yield a stubbed client: it expects the test's calls in order, and all of them."""
    session = boto3.Session("x", "x", region_name="eu-central-1")
    client: Any = session.client(service)  # type: ignore[call-overload]
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def is_(stubber: Stubber, status: str | None) -> None:
    """Return this status, or None for no stack, from the next ``DescribeStacks``."""
    if status is None:
        stubber.add_client_error("describe_stacks", "ValidationError", "Stack does not exist")
        return
    described = {"StackName": "darkroom", "CreationTime": NOW, "StackStatus": status}
    stubber.add_response("describe_stacks", {"Stacks": [{**described, "StackId": "arn:stack"}]})


def event(number: int, status: str, resource: str = "Queue", reason: str = "") -> dict[str, Any]:
    """Return a stack event."""
    return {
        "StackId": "arn:stack", "EventId": str(number), "StackName": "darkroom",
        "LogicalResourceId": resource, "ResourceType": "AWS::SQS::Queue",
        "ResourceStatus": status, "ResourceStatusReason": reason, "Timestamp": NOW,
    }  # fmt: skip


def happens(stubber: Stubber, *events: dict[str, Any]) -> None:
    """Return these events from the next ``DescribeStackEvents``, newest first."""
    stubber.add_response("describe_stack_events", {"StackEvents": events[::-1]})


NO_ROLLBACK = {"RollbackTriggers": [], "MonitoringTimeInMinutes": 0}


def creates_change_set(
    stubber: Stubber, kind: str, rollback: dict[str, Any] | None = None, /, **description: Any
) -> None:
    """Expect a change set of this type, and return its description from each describing call.

    ``rollback`` are the expected triggers; by default an update has none.
    """
    if rollback is None:
        rollback = NO_ROLLBACK if kind == "UPDATE" else {}
    stubber.add_response(
        "create_change_set",
        {"Id": CHANGE_SET},
        {
            "StackName": "darkroom", "ChangeSetName": ANY, "ChangeSetType": kind,
            "TemplateURL": "template", "Capabilities": ANY, "Tags": ANY,
            "Parameters": [{"ParameterKey": "CodeKey", "ParameterValue": "code/1.zip"}],
            "RollbackConfiguration": rollback,
        },
    )  # fmt: skip
    for _ in range(1 if description["Status"] == "FAILED" else 2):
        stubber.add_response("describe_change_set", description, {"ChangeSetName": CHANGE_SET})


def left(stubber: Stubber, *names: str) -> None:
    """Return change sets of earlier deployments; expect that ours are deleted."""
    summaries = [{"ChangeSetName": name, "ChangeSetId": f"arn:{name}:change-set"} for name in names]
    stubber.add_response("list_change_sets", {"Summaries": summaries}, {"StackName": "darkroom"})
    for name in names:
        if name.startswith(("deploy-", "compare-")):
            asked = {"ChangeSetName": f"arn:{name}:change-set"}
            stubber.add_response("delete_change_set", {}, asked)


def apply(stack: Stack) -> bool:
    """Deploy the template that ``creates_change_set`` expects."""
    return stack.apply("template", {"CodeKey": "code/1.zip"})
