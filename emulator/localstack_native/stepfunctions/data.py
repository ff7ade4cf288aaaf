"""Execution data: removal of states' input and output from logs and histories, where configured.

LocalStack logs a task's parameters, including task tokens, and returns all data in histories that
are requested without data.
"""

from collections.abc import Mapping
from typing import Any

DATA = ("input", "inputDetails", "output", "outputDetails", "parameters")
"""Fields of an event's details with execution data.
https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html"""


def publish_log(publish: Any, self: Any, history_log: Any) -> None:
    """Log an event, without execution data unless the logging configuration includes it."""
    if not self.configuration.include_execution_data:
        history_log = {**history_log, "details": bare(history_log.get("details", {}))}
    publish(self, history_log)


def get_history(get: Any, self: Any, context: Any, execution_arn: Any, **options: Any) -> Any:
    """Return the history, without execution data if the request excludes it."""
    response = get(self, context, execution_arn, **options)
    if options.get("include_execution_data") is not False:
        return response
    return {**response, "events": [without_data(event) for event in response["events"]]}


def without_data(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return a history event without execution data."""
    return {
        name: bare(each) if name.endswith("EventDetails") else each for name, each in event.items()
    }


def bare(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event's details without execution data."""
    return {name: each for name, each in details.items() if name not in DATA}
