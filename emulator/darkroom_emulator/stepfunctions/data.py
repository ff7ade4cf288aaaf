"""Execution data: what states are given and give, which may be kept out of logs and histories.

LocalStack leaves a task's parameters in its log, with task tokens among them, and everything in
histories that are asked for without data.
"""

from collections.abc import Mapping
from typing import Any

from localstack.runtime import hooks

DATA = ("input", "inputDetails", "output", "outputDetails", "parameters")
"""Fields of an event's details that hold it.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html"""


@hooks.on_infra_start()
def leave_data_out() -> None:
    """Let logs and histories be without data where they are to be."""
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

    def get_without_data(self: Any, context: Any, execution_arn: Any, **asked: Any) -> Any:
        answer = get_execution_history(self, context, execution_arn, **asked)
        if asked.get("include_execution_data") is not False:
            return answer
        return {**answer, "events": [without_data(event) for event in answer["events"]]}

    get_without_data.__dict__.update(get_execution_history.__dict__)
    provider.get_execution_history = get_without_data


def without_data(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event of a history without what states were given and gave."""
    return {
        name: bare(each) if name.endswith("EventDetails") else each for name, each in event.items()
    }


def bare(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event's details without them."""
    return {name: each for name, each in details.items() if name not in DATA}
