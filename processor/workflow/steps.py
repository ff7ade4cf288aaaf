"""Steps of the workflow: they drive the pipeline, one function call each.

localstack_init/workflow.asl.json has what stands between them. Step Functions may run a step more
than once, so each reads the entry first, and goes on only while it is this execution's.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast

import msgspec

from processor.catalog.claims import Claim, Decision
from processor.catalog.metadata import is_out_of_focus
from processor.change import now, timestamp
from processor.errors import (
    TOO_COSTLY,
    BusyError,
    DuplicateError,
    LostClaimError,
    PermanentError,
    SupersededError,
)
from processor.moderation import labels, policy
from processor.moderation.preview import is_whole
from processor.pipeline.job import Job
from processor.pipeline.process import Pipeline, with_focal_point
from processor.pipeline.reconcile import reconcile
from processor.settings import WorkflowSettings
from processor.sqs.reprocess import ReprocessQueue
from processor.storage.renditions import rendition_key
from processor.telemetry.attempt import Attempt
from processor.telemetry.correlation import change_id
from processor.telemetry.log import logger
from processor.workflow.drafts import Drafts
from processor.workflow.errors import PermanentStepError
from processor.workflow.outcomes import failure_of, timings
from processor.workflow.previews import Previews, preview_key
from processor.workflow.state import RenderedDraft, State, change_of, without

if TYPE_CHECKING:
    from processor.catalog.entries import Failure

READERS = 8
"""Drafts that are read in parallel."""

WORK_SECONDS = 3600
"""Seconds that a claim outlasts the review: longer than all retries together."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of an execution, over the services."""

    settings: WorkflowSettings
    pipeline: Pipeline
    reprocess: ReprocessQueue
    previews: Previews
    drafts: Drafts

    def inspect(self, execution: str, state: State, remaining: Callable[[], float]) -> State:
        """Claim the change, check the original's header, and choose the questions about it."""
        change = change_of(state)
        attempt = Attempt(change.key, change.sequencer)
        with attempt.stage("claim"):
            claim = self._adopt(state, execution)
        job = Job(claim, attempt, remaining)
        try:
            original = self.pipeline.fetch(job)
            if original is None:
                self.pipeline.delete(job)
                return {**without(state, "recipe"), "next": "deleted"}
            if original.etag != claim.entry.get("etag"):
                # A failure from here on belongs to this file, also if the function crashes.
                job.claim = self.pipeline.claims.update(job.claim, {})
            loaded = self.pipeline.inspect(job, original)
            self.pipeline.find_duplicate(job, loaded)
            needs_analysis = self._needs_analysis(job.claim)
            if needs_analysis:
                self.previews.put(execution, loaded.source)
        except PermanentError as error:
            raise PermanentStepError.of(error) from error
        self.pipeline.claims.update(job.claim, loaded.source.header.facts)
        logger.info(
            "inspected", key=change.key, sequencer=change.sequencer, needs_analysis=needs_analysis
        )
        return {
            **without(state, "recipe"),
            "next": "analyze" if needs_analysis else "decide",
            "questions": {
                name: name in self.settings.questions for name in ("labels", "faces", "moderation")
            },
            "preview": preview_key(execution),
            "timeout": self.settings.review_timeout,
            "renditions": [each.name for each in loaded.recipe.renditions],
            "timings": attempt.timings,
        }

    def decide(self, execution: str, state: State) -> State:
        """Write what Rekognition detected, and decide whether the image is held for review."""
        claim = self._claim(execution, state)
        was_held = claim.entry["status"] == "review"
        if "detected" in state:
            facts = labels.read(state["detected"], claim.entry["etag"])
            claim = self.pipeline.claims.update(claim, facts, labels.FIELD, labels.NAMES)
            self.previews.delete(execution)
        recipe = self.pipeline.recipes.find(claim.entry["recipe"])
        reasons = policy.reasons(
            _facts(claim),
            self.settings,
            is_whole=state.get("detected") != {} and is_whole(claim.entry["frames"], recipe),
        )
        if was_held:
            reasons = cast("list[policy.Reason]", claim.entry["review"]["reasons"])
        return {
            **without(state, "detected"),
            "flagged": was_held or reasons is not None,
            "reasons": reasons or [],
        }

    def hold(self, execution: str, state: State, token: str) -> None:
        """Hold the image until a reviewer decides.

        Nothing of the key is public meanwhile: renditions of older versions are deleted.
        """
        claim = self._claim(execution, state)
        self.pipeline.sweep(claim.change)
        until = datetime.now(UTC) + timedelta(seconds=state["timeout"])
        review = {
            "reasons": state["reasons"],
            "since": now(),
            "until": timestamp(until),
        }
        if claim.entry["status"] == "review":
            review["since"] = claim.entry["review"]["since"]
        facts = {
            **labels.redacted(_facts(claim)),
            "status": "review",
            "review": review,
            "review_token": token,
        }
        self.pipeline.claims.update(claim, facts, "renditions", "published")
        logger.info(
            "held", key=state["key"], sequencer=state["sequencer"], reasons=state["reasons"]
        )

    def review(self, execution: str, state: State, decision: Decision) -> None:
        """Write the decision on a held image.

        Raises ``BusyError`` while a request for the image is processed: if it fails, the review is
        this execution's again.
        """
        claims = self.pipeline.claims
        try:
            claim = self._claim(execution, state)
        except LostClaimError:
            if claims.is_suspended(state["key"], execution):
                raise BusyError(0) from None
            raise
        claims.decide(claim, decision, state["review"]["by"])

    def render(
        self, execution: str, state: State, name: str, remaining: Callable[[], float]
    ) -> RenderedDraft:
        """Render one of the recipe's renditions, at each of its densities, and store drafts."""
        claim = self._claim(execution, state)
        attempt = Attempt(state["key"], state["sequencer"])
        job = Job(claim, attempt, remaining)
        try:
            original = self.pipeline.fetch(job)
            if original is None or original.etag != claim.entry["etag"]:
                raise SupersededError(f"The original {state['key']} has changed.")
            loaded = self.pipeline.inspect(job, original)
            rendered = self.pipeline.render(job, loaded, _facts(claim), only={name})
            with attempt.stage("store"):
                for each in rendered.renditions:
                    rendition_key(state["key"], each.name, each.extension)
                drafts = [self.drafts.put(execution, each) for each in rendered.renditions]
        except PermanentError as error:
            raise PermanentStepError.of(error) from error
        except MemoryError as error:
            raise PermanentStepError.of(TOO_COSTLY) from error
        return {
            "drafts": drafts,
            "focal_point": claim.entry.get("focal_point"),
            "header": rendered.facts,
            "analysis": msgspec.to_builtins(rendered.analysis),
            "timings": {
                name: spent
                for name, spent in attempt.timings.items()
                if name in ("fetch", "render", "decode", "store")
            },
        }

    def commit(self, execution: str, state: State) -> State:
        """Publish the drafts, delete all other renditions, and commit the outcome."""
        claim = self._claim(execution, state)
        if claim.entry["status"] != "done":
            rendered = state["rendered"]
            descriptions = [each for one in rendered for each in one["drafts"]]
            with ThreadPoolExecutor(READERS) as pool:
                drafts = list(pool.map(partial(self.drafts.get, execution), descriptions))
            job = Job(claim, Attempt(state["key"], state["sequencer"]), lambda: 0.0)
            stored = self.pipeline.store(job, drafts)
            known = labels.facts(_facts(claim))
            # It may have been edited while the renditions were rendered: then one differs from it.
            now_at = claim.entry.get("focal_point")
            points = [each["focal_point"] for each in rendered]
            point = next((each for each in points if each != now_at), now_at)
            self.pipeline.commit(
                job,
                rendered[0]["header"],
                with_focal_point({**known, "execution": execution}, point),
                rendered[0]["analysis"],
                stored,
                timings(state),
            )
        entry = self.pipeline.claims.catalog.get(state["key"])
        if entry and is_out_of_focus(entry):
            self.reprocess.refocus(state["key"], entry["timestamp"])
        elif entry and entry["sequencer"] == claim.change.sequencer:
            self.pipeline.finish(entry)
        self.drafts.delete(execution)
        return without(state, "rendered", "renditions", "timings")

    def reconcile(self, execution: str, state: State) -> State:
        """Repair what a superseded execution may have stored."""
        key = state["key"]
        self.previews.delete(execution)
        self.drafts.delete(execution)
        claims = self.pipeline.claims
        try:
            claim = claims.of_execution(key, execution)
        except LostClaimError:
            # Nothing is stored before the end of the first step.
            newer = reconcile(key, claims, self.pipeline.renditions, touched="questions" in state)
            if newer:
                self.reprocess.enqueue(key, newer.time, newer.recipe)
            else:
                self.pipeline.finish(claims.catalog.get(key))
        else:
            if claim.entry["status"] == "processing":
                # The original has changed: S3's own message processes the new one.
                reason: Failure = {
                    "code": "changed",
                    "message": "The original was replaced while the workflow was running.",
                }
                claims.release(claim, reason)
        logger.info("superseded", key=key, sequencer=state["sequencer"])
        return state

    def fail(self, execution: str, state: State, error: Mapping[str, str]) -> dict[str, Any]:
        """Record a failure, and return its code and its ``fault``: ``image`` or ``system``."""
        self.previews.delete(execution)
        self.drafts.delete(execution)
        is_permanent = error["Error"] == PermanentStepError.__name__
        failure = failure_of(error)
        fault: Literal["image", "system"] = "image" if is_permanent else "system"
        response = {"fault": fault, **failure}
        entry = self.pipeline.claims.catalog.get(state["key"])
        if entry and entry.get("failed_request", {}).get("execution") == execution:
            # It is recorded; only the step's response was lost.
            return response
        # The first step may have failed before it claimed anything.
        claim = self._adopt(state, execution)
        is_kept = self.pipeline.fail(
            claim, failure, execution=execution, review=claim.entry.get("review")
        )
        (logger.warning if is_permanent else logger.error)(
            "request failed" if is_kept else "failed",
            key=state["key"],
            sequencer=state["sequencer"],
            code=failure["code"],
            error=error["Error"],
        )
        return response

    def _adopt(self, state: State, execution: str) -> Claim:
        change = change_of(state)
        seconds = self.settings.review_timeout + WORK_SECONDS
        correlation_id = change_id(self.settings.raw_bucket, change)
        try:
            return self.pipeline.claims.adopt(change, execution, seconds, correlation_id)
        except DuplicateError as error:
            raise SupersededError(change.sequencer) from error

    def _claim(self, execution: str, state: State) -> Claim:
        return self.pipeline.claims.of_execution(state["key"], execution)

    def _needs_analysis(self, claim: Claim) -> bool:
        """Return whether the entry lacks labels that the settings require."""
        if not self.settings.questions or claim.entry["status"] == "review":
            return False
        return not labels.is_current(_facts(claim), claim.entry["etag"], self.settings)


def _facts(claim: Claim) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", claim.entry)
