"""Resource types of Step Functions."""

from typing import Any

from localstack.services.stepfunctions.resource_providers.aws_stepfunctions_statemachine import (
    StepFunctionsStateMachineProvider,
)

from localstack_native.cloudformation.types.base import AppliedProperties, done, pairs, retag

NO_LOGS = {"level": "OFF", "includeExecutionData": False}


class StateMachine(AppliedProperties, StepFunctionsStateMachineProvider):
    """``AWS::StepFunctions::StateMachine``; running executions keep their definition."""

    def complete(self, request: Any, model: dict[str, Any]) -> None:
        """Set tracing and tags."""
        client, arn = request.aws_client_factory.stepfunctions, model["Arn"]
        if tracing := model.get("TracingConfiguration"):
            client.update_state_machine(stateMachineArn=arn, tracingConfiguration=tracing)
        if tags := model.get("Tags"):
            client.tag_resource(resourceArn=arn, tags=_tags(tags))

    def update(self, request: Any) -> Any:
        """Set the definition, the role, logs, tracing and tags."""
        before, model = request.previous_state, request.desired_state
        client, arn = request.aws_client_factory.stepfunctions, before["Arn"]
        read: Any = self._get_definition
        definition = read(model, request.aws_client_factory.s3)
        client.update_state_machine(
            stateMachineArn=arn,
            definition=definition,
            roleArn=model["RoleArn"],
            loggingConfiguration=model.get("LoggingConfiguration", NO_LOGS),
            tracingConfiguration=model.get("TracingConfiguration", {"enabled": False}),
        )
        retag(
            before.get("Tags"),
            model.get("Tags"),
            lambda tags: client.tag_resource(resourceArn=arn, tags=_tags(pairs(tags))),
            lambda names: client.untag_resource(resourceArn=arn, tagKeys=names),
        )
        return done(model)


def _tags(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"key": each["Key"], "value": each["Value"]} for each in tags]
