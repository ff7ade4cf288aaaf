"""Review: approve or reject an image that is held for moderation."""

from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

import msgspec

from processor.api.clock import Clock
from processor.api.entries import check_original, existing_entry
from processor.api.http.decoding import decode
from processor.api.http.problems import ProblemError
from processor.api.http.request import Request
from processor.api.http.response import Response, json_response
from processor.catalog.claims import Claims
from processor.catalog.entries import Catalog, Entry
from processor.errors import LostClaimError
from processor.step_functions.client import Executions

TOKEN_TIMEOUT = 5
"""Seconds that a decision waits for the task token: the entry's status is ``review`` before the
execution waits."""

POLL_SECONDS = 0.2
"""Seconds between two reads of the entry."""


class ReviewRequest(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``POST /images/{key}/review``."""

    decision: Literal["approve", "reject"]
    version: str | None = None
    """The version that the reviewer saw; a newer one may have replaced it."""


@dataclass(frozen=True, slots=True)
class Review:
    """The route ``/images/{key}/review``."""

    executions: Executions
    catalog: Catalog
    clock: Clock

    def decide(self, request: Request) -> Response:
        """``POST /images/{key}/review``."""
        key = request.key
        review = decode(request, ReviewRequest)
        entry, token = self._recorded(key, review)
        is_first = entry["review"].get("decision", review.decision) == review.decision
        if not (is_first and self.executions.send_decision(token, review.decision)):
            raise self._not_waiting(
                entry, "The image is already approved or rejected, or its review has timed out."
            )
        return json_response({"key": key, "decision": review.decision}, HTTPStatus.ACCEPTED)

    def _recorded(self, key: str, review: ReviewRequest) -> tuple[Entry, str]:
        """Record the decision, which no request can then supersede, unless there is one.

        Returns the entry as it was, and its task token.
        """
        while True:
            entry, token = self._held(key)
            if review.version is not None and review.version != entry["sequencer"]:
                raise ProblemError(
                    HTTPStatus.CONFLICT,
                    "other-version",
                    f"The image has changed since the review: its version is {entry['sequencer']}. "
                    "Review that version before you decide.",
                )
            if "decision" in entry["review"]:
                return entry, token
            if review.decision == "approve":
                check_original(entry)
            with suppress(LostClaimError):
                Claims(self.catalog).record(entry, review.decision, "api")
                return entry, token

    def _held(self, key: str) -> tuple[Entry, str]:
        """Return the entry of a held image and its task token, once the execution has stored it."""
        deadline = self.clock.monotonic() + TOKEN_TIMEOUT
        while True:
            entry = existing_entry(self.catalog, key)
            if entry["status"] != "review":
                raise _not_held(
                    f"The image is not held for review: its status is {entry['status']}."
                )
            if token := entry.get("review_token"):
                return entry, token
            if self.clock.monotonic() >= deadline:
                raise self._not_waiting(
                    entry,
                    "The workflow is not waiting for the review yet. Try again in a few seconds.",
                )
            self.clock.sleep(POLL_SECONDS)

    def _not_waiting(self, entry: Entry, detail: str) -> ProblemError:
        """Return a problem with ``detail``, or with the advice for an execution that was ended."""
        execution = self.executions.describe(entry["execution"]) if "execution" in entry else None
        if execution is not None and execution["status"] not in {"RUNNING", "SUCCEEDED"}:
            detail = (
                "The workflow has ended without a decision. Process the image again to start "
                "another review."
            )
        return _not_held(detail)


def _not_held(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, "not-held", detail)
