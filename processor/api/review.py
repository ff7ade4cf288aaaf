"""Pictures in the workflow: begun, decided, looked at."""

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

import msgspec

from processor.api.http.decoding import decode
from processor.api.http.problems import ProblemError, not_found
from processor.api.http.request import Request
from processor.api.http.response import Answer, answer
from processor.catalog.entries import Catalog, Entry
from processor.sqs.reprocess import new_request
from processor.step_functions.client import (
    Executions,
    TooLargeError,
    name_of,
)
from processor.step_functions.graph import Graph, written
from processor.storage.renditions import Renditions

AT_WORK = ("processing", "review")

HELD_WITHIN = 5
"""Seconds that a decision waits for the execution that is to take it: the entry says ``review``
before the execution has begun to wait.
"""

PAUSE = 0.2
"""Seconds between two looks at the entry."""

ENDED = (
    "Nothing waits for a decision any more: the workflow was ended. Have the picture made again, "
    "which begins another review."
)


class ReviewRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``POST /images/{key}/review``."""

    decision: Literal["approve", "reject"]
    version: str | None = None
    """Of the picture that was looked at; it may be another by now."""


@dataclass(frozen=True, slots=True)
class Workflows:
    """The routes about the workflow."""

    executions: Executions
    catalog: Catalog
    renditions: Renditions
    raw_bucket: str

    def start(self, key: str, written: str, recipe: str | None) -> Answer:
        """``POST /images/{key}/process?workflow=full``, for an original that is there.

        While an execution of the same request runs, it is that one.
        """
        entry = self.catalog.get(key)
        after = self.renditions.newest_sequencer(key, entry)
        if entry and self._runs(entry, recipe):
            return _accepted(key, entry["sequencer"], entry["execution"])
        change = new_request(key, written, after, recipe)
        # Two requests at once have the same name, and so one execution.
        name = name_of(key, after, recipe or "")
        try:
            self.executions.start(change, name)
            # One of that name may have ended before it came to change the entry.
            if (found := self.executions.describe(name)) and found["status"] != "RUNNING":
                newest = self.catalog.get(key)
                if newest == entry:
                    name = self.executions.start(change, name_of(key, change.sequencer))
        except TooLargeError as error:
            raise ProblemError(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                "body-too-large",
                f"The recipe is more than the workflow can carry. {error}",
            ) from error
        return _accepted(key, change.sequencer, name)

    def review(self, request: Request) -> Answer:
        """``POST /images/{key}/review``."""
        key = request.key
        wanted = decode(request, ReviewRequest)
        entry, token = self._held(key)
        if wanted.version is not None and wanted.version != entry["sequencer"]:
            raise ProblemError(
                HTTPStatus.CONFLICT,
                "other-version",
                f"The picture is another by now, of version {entry['sequencer']}. Look at it "
                "before you decide.",
            )
        if not self.executions.decide(token, wanted.decision):
            raise self._undecided(entry, "The review has been decided, or its time is over.")
        return answer({"key": key, "decision": wanted.decision}, HTTPStatus.ACCEPTED)

    def get(self, request: Request) -> Answer:
        """``GET /images/{key}/workflow``."""
        key = request.key
        name = self._entry(key).get("execution")
        found = self.executions.describe(name) if name else None
        if name is None or found is None:
            raise ProblemError(
                HTTPStatus.NOT_FOUND,
                "not-found",
                f"No workflow has worked on the picture {key!r}, or it was long ago.",
            )
        graph = Graph.of(self.executions.definition(name))
        graph.replay(self.executions.history(name))
        status = found["status"]
        times = {"started": found.get("startDate"), "stopped": found.get("stopDate")}
        return answer(
            {
                "execution": name,
                "status": status.lower().replace("_", "-"),
                **{what: written(time) for what, time in times.items() if time},
                "states": graph.told(status),
                "transitions": graph.ways(),
            }
        )

    def _held(self, key: str) -> tuple[Entry, str]:
        """Wait for the token of a picture that is held."""
        deadline = time.monotonic() + HELD_WITHIN
        while True:
            entry = self._entry(key)
            if entry["status"] != "review":
                raise _conflict(f"The picture is not held for review: it is {entry['status']}.")
            if token := entry.get("review_token"):
                return entry, token
            if time.monotonic() >= deadline:
                raise self._undecided(
                    entry, "The workflow does not wait for a decision yet. Try again soon."
                )
            time.sleep(PAUSE)

    def _undecided(self, entry: Entry, otherwise: str) -> ProblemError:
        """Why a decision was not taken; ``otherwise``, unless its execution never will."""
        found = self.executions.describe(entry["execution"]) if "execution" in entry else None
        is_over = found is not None and found["status"] not in {"RUNNING", "SUCCEEDED"}
        return _conflict(ENDED if is_over else otherwise)

    def _runs(self, entry: Entry, recipe: str | None) -> bool:
        """Whether an execution is at work on the entry that was asked for the same."""
        name = entry.get("execution")
        if name is None or entry["status"] not in AT_WORK:
            return False
        return self.executions.is_running(name, recipe)

    def _entry(self, key: str) -> Entry:
        entry = self.catalog.get(key)
        if entry is None or entry["status"] == "deleted":
            raise not_found(key)
        return entry


def _accepted(key: str, version: str, execution: str) -> Answer:
    content = {"key": key, "version": version, "execution": execution}
    return answer(content, HTTPStatus.ACCEPTED)


def _conflict(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, "not-held", detail)
