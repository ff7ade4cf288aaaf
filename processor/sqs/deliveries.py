"""Receives of messages, brought to an outcome: claims, retries and the last attempt."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from processor.catalog.published import missing_original
from processor.change import UNKNOWN_SEQUENCER, Change
from processor.errors import (
    BusyError,
    DuplicateError,
    LostClaimError,
    MalformedMessageError,
    PermanentError,
    SupersededError,
    why_failed,
)
from processor.pipeline.job import Job
from processor.pipeline.process import Pipeline
from processor.pipeline.reconcile import reconcile
from processor.sqs import restores
from processor.sqs.message import Delivery
from processor.sqs.refocus import request_after
from processor.telemetry.attempt import Attempt
from processor.telemetry.correlation import change_id
from processor.telemetry.log import logger

if TYPE_CHECKING:
    from processor.catalog.entries import Failure
    from processor.telemetry.tracing import Tracer

LEASE_MARGIN = 5.0
"""Seconds that a claim outlives its function, for requests that are still in transit."""


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Drives the pipeline for messages of the queue."""

    pipeline: Pipeline
    tracer: "Tracer | None" = None

    def claim(self, change: Change, delivery: Delivery, *, touched: bool = False) -> Job | None:
        """Return a job that claims the change, or a newer one; None if there is nothing to do.

        ``touched`` says that this receive has written renditions, which a newer change may have to
        replace again. Raises ``BusyError``, ``MalformedMessageError`` and transient errors.
        """
        pipeline = self.pipeline
        if change.kind == "swept":
            count = pipeline.variants.sweep_stale(
                change.key, pipeline.claims.catalog.get(change.key)
            )
            logger.info("variants swept", key=change.key, variants=count)
            return None
        if change.kind == "expired":
            self._expire(change.key)
            return None
        if change.kind == "original-expired":
            is_gone = not pipeline.has_original(change.key)
            is_recorded = is_gone and pipeline.claims.expire_original(change.key)
            logger.info("original expired", key=change.key, recorded=is_recorded)
            return None
        request = self._request(change, delivery)
        if request is None:
            logger.info("nothing left", key=change.key, kind=change.kind)
            return None
        self._check_recipe(request)
        return self._claim(request, delivery, touched=touched)

    def _request(self, change: Change, delivery: Delivery) -> Change | None:
        """Return the change to claim for that of a message; None if there is nothing to do."""
        catalog = self.pipeline.claims.catalog
        if change.kind == "refocused" and change.sequencer == UNKNOWN_SEQUENCER:
            if request := request_after(change.key, delivery.message, catalog):
                return request
            # An earlier receive may have stored what a newer outcome does not have.
            return self._newer(change.key, touched=True) if delivery.number > 1 else None
        if change.kind == "restored":
            return restores.request_after(change, delivery.message, catalog)
        return None if change.kind == "version-removed" and self._is_kept(change) else change

    def _claim(self, change: Change, delivery: Delivery, *, touched: bool = False) -> Job | None:
        pipeline = self.pipeline
        while True:
            attempt = Attempt(
                change.key, change.sequencer, delivery.metrics, self.tracer, delivery.queued(change)
            )
            try:
                with attempt.stage("claim"):
                    claim = pipeline.claims.take(
                        change,
                        delivery.message,
                        delivery.remaining() + LEASE_MARGIN,
                        change_id(pipeline.settings.raw_bucket, change),
                    )
                return Job(claim, attempt, delivery.remaining)
            except DuplicateError:
                delivery.metrics.count("DuplicatesDropped")
                logger.info("duplicate", key=change.key, sequencer=change.sequencer)
                # The attempt may have ended between its commit and what follows that.
                return self._finish(change, delivery)
            except SupersededError:
                logger.info("superseded", key=change.key, sequencer=change.sequencer)
            newer = self._newer(change.key, touched=touched or delivery.number > 1)
            if newer is None:
                pipeline.finish(pipeline.claims.catalog.get(change.key))
                return None
            change, touched = newer, False

    def _newer(self, key: str, *, touched: bool) -> Change | None:
        """Return the newer change of a key if it has to be processed again."""
        pipeline = self.pipeline
        newer = reconcile(key, pipeline.claims, pipeline.renditions, touched=touched)
        if newer is None or pipeline.recipes.has(newer.recipe):
            return newer
        return replace(newer, recipe=None)

    def complete(self, job: Job, delivery: Delivery) -> None:
        """Bring a claimed change to ``done``, ``deleted``, or ``failed`` with a reason.

        Transient errors (throttling, timeouts) are raised after the claim is released, so that the
        message is received again. After the last receive the entry says ``failed`` until the
        message is redriven. A ``MemoryError`` is raised with the claim still held.
        """
        following: Job | None = job
        while following is not None:
            job = following
            try:
                self.pipeline.process(job)
            except (LostClaimError, SupersededError):
                following = self.claim(job.claim.change, delivery, touched=True)
            except (MemoryError, BusyError):
                raise
            except Exception as error:
                job.attempt.interrupted()
                with suppress(LostClaimError, SupersededError):
                    self._release(job, delivery, error)
                raise
            else:
                following = (
                    self._refocus(job.claim.change.key, delivery) if job.is_out_of_focus else None
                )

    def _finish(self, change: Change, delivery: Delivery) -> Job | None:
        """Do what an attempt with this outcome has left; return a job if that is to render."""
        if job := self._refocus(change.key, delivery):
            return job
        self.pipeline.finish(self.pipeline.claims.catalog.get(change.key))
        return None

    def _is_kept(self, change: Change) -> bool:
        """Return whether no version is left of an original that is known to be deleted."""
        entry = self.pipeline.claims.catalog.get(change.key)
        is_known = entry is not None and missing_original(entry) is not None
        return is_known and not self.pipeline.has_original(change.key)

    def _refocus(self, key: str, delivery: Delivery) -> Job | None:
        """Return a job for the renditions that follow the focal point, if there is work left."""
        request = request_after(key, delivery.message, self.pipeline.claims.catalog)
        return self._claim(request, delivery) if request else None

    def fail_in_advance(self, job: Job, error: PermanentError) -> None:
        """Record the failure of a last attempt that may crash its function."""
        failure: Failure = {"code": error.code, "message": error.message}
        self.pipeline.claims.fail_in_advance(job.claim, failure)

    def _expire(self, key: str) -> None:
        """Make the failure recorded before a last attempt the outcome, if it has crashed."""
        claim = self.pipeline.claims.expired(key)
        logger.info("lease expired", key=key, crashed=claim is not None)
        if claim is None:
            return
        failure = claim.entry["in_advance"]
        with suppress(LostClaimError, SupersededError):
            self.pipeline.fail(claim, failure, retry=failure, attempts=claim.crashes)

    def _check_recipe(self, change: Change) -> None:
        if change.recipe is not None:
            try:
                self.pipeline.recipes.find(change.recipe)
            except PermanentError as error:
                # A request: a wrong name must not replace the outcome that is there.
                raise MalformedMessageError(str(error)) from error

    def _release(self, job: Job, delivery: Delivery, error: Exception) -> None:
        """End an attempt without an outcome; after the last receive, record the failure."""
        claims, claim = self.pipeline.claims, job.claim
        code = error.code if isinstance(error, PermanentError) else type(error).__name__
        reason: Failure = {"code": code, "message": str(error)}
        if not delivery.is_last:
            claims.release(claim, reason)
            return
        if claims.has_outcome(claim):
            return
        message = (
            f"All {delivery.number} attempts failed{why_failed(f'{code}: {error}')} The message is "
            "in the dead-letter queue. Run `darkroom redrive` to try again."
        )
        self.pipeline.fail(claim, {"code": "gave-up", "message": message}, retry=reason)
        delivery.metrics.failed("gave-up")
        logger.error(
            "gave up", key=claim.change.key, sequencer=claim.change.sequencer, reason=reason
        )
