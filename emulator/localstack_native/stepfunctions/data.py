"""Execution data: removal of states' input and output from logs and histories, where configured.

LocalStack logs a task's parameters, including task tokens, and returns all data in histories that
are requested without data.
"""

from collections.abc import Mapping
from typing import Any

from localstack.runtime import hooks

DATA = ("input", "inputDetails", "output", "outputDetails", "parameters")
"""Fields of an event's details with execution data.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html"""


@hooks.on_infra_start()
def omit_execution_data() -> None:
    """Patch logs and histories to respect the settings for execution data."""
    from localstack.services.stepfunctions.asl.eval.event import logging
    from localstack.services.stepfunctions.provider import StepFunctionsProvider

    session: Any = logging.CloudWatchLoggingSession
    publish = session.publish_history_log

    def publish_without_data(self: Any, history_log: Any) -> None:
        if not self.configuration.include_execution_data:
            history_log = {**history_log, "details": bare(history_log.get("details", {}))}
        publish(self, history_log)

    session.publish_history_log = publish_without_data

    provider: Any = StepFunctionsProvider
    get_execution_history = provider.get_execution_history

    def get_without_data(self: Any, context: Any, execution_arn: Any, **options: Any) -> Any:
        response = get_execution_history(self, context, execution_arn, **options)
        if options.get("include_execution_data") is not False:
            return response
        return {**response, "events": [without_data(event) for event in response["events"]]}

    get_without_data.__dict__.update(get_execution_history.__dict__)
    provider.get_execution_history = get_without_data


def without_data(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return a history event without execution data."""
    return {
        name: bare(each) if name.endswith("EventDetails") else each for name, each in event.items()
    }


def bare(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event's details without execution data."""
    return {name: each for name, each in details.items() if name not in DATA}
