"""Workflow over HTTP: start an execution for an image, and show its states."""

from dataclasses import dataclass
from http import HTTPStatus

from processor.api.entries import existing_entry
from processor.api.http.problems import ProblemError
from processor.api.http.request import Request
from processor.api.http.response import Response, json_response
from processor.catalog.entries import Catalog, Entry
from processor.change import timestamp
from processor.sqs.reprocess import new_request
from processor.step_functions.client import Executions, execution_name
from processor.step_functions.graph import Graph
from processor.storage.renditions import Renditions


@dataclass(frozen=True, slots=True)
class Workflow:
    """The route ``/images/{key}/workflow``, and processing with ``workflow=full``."""

    executions: Executions
    catalog: Catalog
    renditions: Renditions

    def start(self, key: str, uploaded: str, recipe: str | None) -> Response:
        """``POST /images/{key}/process?workflow=full``, for an original that exists.

        ``recipe`` is a name, or a recipe as JSON. While an execution of the same request is
        running, the response is about that one.
        """
        entry = self.catalog.get(key)
        newest = self.renditions.newest_sequencer(key, entry)
        if entry and self._is_running(entry, recipe):
            return _accepted(key, entry["sequencer"], entry["execution"])
        change = new_request(key, uploaded, newest, recipe)
        # Two requests at once have the same name, and so start one execution.
        name = execution_name(key, newest, recipe or "")
        self.executions.start(change, name)
        # An execution of that name may have ended before it changed the entry.
        execution = self.executions.describe(name)
        if execution and execution["status"] != "RUNNING" and self.catalog.get(key) == entry:
            name = self.executions.start(change, execution_name(key, change.sequencer))
        return _accepted(key, change.sequencer, name)

    def get(self, request: Request) -> Response:
        """``GET /images/{key}/workflow``."""
        key = request.key
        name = existing_entry(self.catalog, key).get("execution")
        execution = self.executions.describe(name) if name else None
        if name is None or execution is None:
            raise ProblemError(
                HTTPStatus.NOT_FOUND,
                "not-found",
                f"The image {key!r} has no workflow execution in the last 90 days. Start one with "
                "POST /images/{key}/process?workflow=full.",
            )
        graph = Graph.of(self.executions.definition(name))
        graph.replay(self.executions.history(name))
        status = execution["status"]
        times = {"started": execution.get("startDate"), "stopped": execution.get("stopDate")}
        return json_response(
            {
                "execution": name,
                "status": status.lower().replace("_", "-"),
                **{event: timestamp(time) for event, time in times.items() if time},
                "states": graph.describe_states(status),
                "transitions": graph.describe_transitions(),
            }
        )

    def _is_running(self, entry: Entry, recipe: str | None) -> bool:
        """Return whether the entry's execution is running for the same recipe."""
        return (
            "execution" in entry
            and entry["status"] in {"processing", "review"}
            and self.executions.is_running(entry["execution"], recipe)
        )


def _accepted(key: str, version: str, execution: str) -> Response:
    content = {"key": key, "version": version, "execution": execution}
    return json_response(content, HTTPStatus.ACCEPTED)
