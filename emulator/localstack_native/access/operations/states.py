"""Operations of Step Functions.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
"""

from typing import Any

from localstack_native.access.operations.table import Place, Table, arn, given, pass_role


def _routed(version: Any, _: Place) -> str:
    """Return the state machine of an alias's first version."""
    return str(version.get("stateMachineVersionArn", "")).rpartition(":")[0]


TABLE = Table(
    "states",
    resources={
        "CreateStateMachine.name": arn("states", "stateMachine:{}"),
        "CreateStateMachineAlias.routingConfiguration": _routed,
        "CreateActivity.name": arn("states", "activity:{}"),
        "stateMachineArn": given,
        "executionArn": given,
        "activityArn": given,
        "mapRunArn": given,
        "resourceArn": given,
        "stateMachineVersionArn": given,
        "stateMachineAliasArn": given,
    },
    more={
        "CreateStateMachine": pass_role("roleArn", "states.amazonaws.com"),
        "UpdateStateMachine": pass_role("roleArn", "states.amazonaws.com"),
        "TestState": pass_role("roleArn", "states.amazonaws.com"),
    },
)
