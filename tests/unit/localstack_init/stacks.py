"""A CloudFormation that answers what a test puts in, for the tests of stacks."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from localstack_init.stack import Stack

NOW = datetime(2026, 5, 1, tzinfo=UTC)
CHANGE_SET = "arn:aws:cloudformation:eu-central-1:1:changeSet/deploy/1"


@pytest.fixture
def cloudformation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """Give a CloudFormation that answers what a test puts in, in order; all must be asked."""
    monkeypatch.setattr("localstack_init.stack.time.sleep", lambda _: None)
    client = boto3.client(
        "cloudformation",
        region_name="eu-central-1",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def said() -> list[str]:
    """Give the lines that a person would have seen."""
    return []


@pytest.fixture
def stack(cloudformation: Stubber, said: list[str]) -> Stack:
    """Give the stack under test."""
    return Stack(cloudformation.client, "darkroom", said.append)  # type: ignore[arg-type]


def is_(stubber: Stubber, status: str | None) -> None:
    """Answer the next question for the stack's status."""
    if status is None:
        stubber.add_client_error("describe_stacks", "ValidationError", "Stack does not exist")
        return
    described = {"StackName": "darkroom", "CreationTime": NOW, "StackStatus": status}
    stubber.add_response("describe_stacks", {"Stacks": [{**described, "StackId": "arn:stack"}]})


def event(number: int, status: str, resource: str = "Queue", reason: str = "") -> dict[str, Any]:
    """One stack event."""
    return {
        "StackId": "arn:stack", "EventId": str(number), "StackName": "darkroom",
        "LogicalResourceId": resource, "ResourceType": "AWS::SQS::Queue",
        "ResourceStatus": status, "ResourceStatusReason": reason, "Timestamp": NOW,
    }  # fmt: skip


def happens(stubber: Stubber, *events: dict[str, Any]) -> None:
    """Answer the next question for events; CloudFormation names the newest first."""
    stubber.add_response("describe_stack_events", {"StackEvents": events[::-1]})


def proposes(stubber: Stubber, kind: str, **answer: object) -> None:
    """Expect a change set of this kind, and answer what became of it."""
    stubber.add_response(
        "create_change_set",
        {"Id": CHANGE_SET},
        {
            "StackName": "darkroom", "ChangeSetName": ANY, "ChangeSetType": kind,
            "TemplateBody": "template", "Capabilities": ANY, "Tags": ANY,
            "Parameters": [{"ParameterKey": "CodeKey", "ParameterValue": "code/1.zip"}],
        },
    )  # fmt: skip
    stubber.add_response("describe_change_set", answer, {"ChangeSetName": CHANGE_SET})


def left(stubber: Stubber, *names: str) -> None:
    """Answer which change sets an earlier deployment left; expect ours to be withdrawn."""
    summaries = [{"ChangeSetName": name, "ChangeSetId": f"arn:{name}:change-set"} for name in names]
    stubber.add_response("list_change_sets", {"Summaries": summaries}, {"StackName": "darkroom"})
    for name in names:
        if name.startswith(("deploy-", "compare-")):
            asked = {"ChangeSetName": f"arn:{name}:change-set"}
            stubber.add_response("delete_change_set", {}, asked)


def apply(stack: Stack) -> bool:
    """Deploy."""
    return stack.apply("template", {"CodeKey": "code/1.zip"})
