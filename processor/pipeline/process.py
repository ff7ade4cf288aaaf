"""The way of one object: claim, read, render, store, commit.

What happens where one of these fails, or somebody else is at work on the same key, is written down
in docs/reliability.md.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import msgspec

from processor.catalog.claims import (
    Claim,
    Claims,
    LostClaimError,
)
from processor.catalog.entries import Failure, RenditionEntry
from processor.change import Change
from processor.errors import (
    MISSING_ORIGINAL,
    BusyError,
    DuplicateError,
    MalformedMessageError,
    OutOfTimeError,
    PermanentError,
    SupersededError,
)
from processor.images import (
    ImageError,
    Limits,
    Recipe,
    Rendered,
    Seen,
    WatermarkImages,
    inspect,
    memory_needed,
    render,
)
from processor.moderation import labels
from processor.moderation.policy import Screened, Screening
from processor.pipeline.delivery import Delivery
from processor.pipeline.failed_requests import Keeper
from processor.pipeline.memory_limiter import MemoryLimiter
from processor.pipeline.recipe_book import RecipeBook
from processor.pipeline.reconcile import settle
from processor.settings import Settings
from processor.storage.originals import Original, read_original
from processor.storage.renditions import Renditions, rendition_key
from processor.telemetry.attempts import Attempts
from processor.telemetry.correlation import change_id
from processor.telemetry.log import logger
from processor.telemetry.timings import Stopwatch, milliseconds_since

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DEFAULT = "default"
"""The recipe of originals that name none."""

LEASE_MARGIN = 5.0
"""Seconds that a claim outlives its function, for requests that are on their way."""

TIME_MARGIN = 2.0
"""Seconds before the end of the function's time at which a picture is given up."""

TOO_COSTLY = PermanentError(
    "too-costly",
    "The picture took more time or memory than the function has, more than once. Upload a smaller "
    "or simpler version of it.",
)

CUT_OFF = PermanentError(
    "gave-up",
    "The function's time ended while the picture was worked on, each time. The message is in the "
    "dead-letter queue: `darkroom redrive` tries again.",
)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Brings changes of the raw bucket to their outcomes."""

    settings: Settings
    s3: "S3Client"
    claims: Claims
    recipes: RecipeBook
    watermark_images: WatermarkImages
    limits: Limits
    limiter: MemoryLimiter
    senders: ThreadPoolExecutor
    """Store the renditions of a picture beside one another."""
    attempts: Attempts = field(default_factory=Attempts)
    screening: Screening | None = None
    """None where pictures are not analyzed."""
    renditions: Renditions = field(init=False)
    keeper: Keeper = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "renditions", Renditions(self.s3, self.settings.processed_bucket))
        object.__setattr__(self, "keeper", Keeper(self.claims, self.renditions))

    def claim(self, change: Change, delivery: Delivery, *, touched: bool = False) -> Claim | None:
        """Take the work on; None where there is none (any more).

        ``touched`` says that this delivery has written renditions already. If something newer
        has overtaken it then, the claim may be one on that. Raises ``BusyError``,
        ``MalformedMessageError``, and errors that may pass by themselves.
        """
        if change.recipe is not None:
            try:
                self.recipes.find(change.recipe)
            except PermanentError as error:
                # A request: the outcome that there is must not fall to a slip of the pen.
                raise MalformedMessageError(str(error)) from error
        watch, queued = Stopwatch(), delivery.queued(change)
        try:
            claim = self.claims.take(
                change,
                delivery.message,
                delivery.remaining() + LEASE_MARGIN,
                change_id(self.settings.raw_bucket, change),
            )
            watch.lap("claim")
            return replace(claim, watch=watch, queued=queued)
        except DuplicateError:
            delivery.metrics.count("DuplicatesDropped")
            logger.info("duplicate", key=change.key, sequencer=change.sequencer)
        except SupersededError:
            logger.info("overtaken", key=change.key, sequencer=change.sequencer)
            newer = settle(
                change.key,
                self.claims,
                self.renditions,
                touched=touched or delivery.number > 1,
            )
            if newer:
                known = newer.recipe if self.recipes.has(newer.recipe) else None
                return self.claim(replace(newer, recipe=known), delivery)
        return None

    def complete(self, claim: Claim, delivery: Delivery) -> None:
        """Bring a claimed change to ``done``, ``deleted``, or ``failed`` with a reason.

        Errors that may pass by themselves (throttling, timeouts) are raised, and the claim given
        back: the message is to be delivered again. After the last delivery the entry says
        ``failed``, until somebody redrives the message. A ``MemoryError`` is raised with the claim
        still held.
        """
        change = claim.change
        try:
            self._make(claim, delivery)
        except (LostClaimError, SupersededError):
            anew = self.claim(change, delivery, touched=True)
            if anew:
                self.complete(anew, delivery)
        except (MemoryError, BusyError):
            raise
        except Exception as error:
            self.attempts.broken(claim)
            reason: Failure = {
                "code": error.code if isinstance(error, PermanentError) else type(error).__name__,
                "message": str(error),
            }
            with suppress(LostClaimError, SupersededError):
                if delivery.is_last:
                    if not self.claims.has_outcome(claim):
                        self._give_up(claim, delivery, reason)
                else:
                    self.claims.release(claim, reason)
            raise

    def fail(self, claim: Claim, delivery: Delivery, error: PermanentError) -> None:
        """Record why a change has no renditions.

        What was published before a request stays; what an older original left is removed.
        """
        stage = claim.watch.stop()
        failure: Failure = {"code": error.code, "message": error.message}
        is_kept = error.code != MISSING_ORIGINAL and self.keeper.keep(claim, failure)
        if not is_kept:
            if not claim.is_first:
                self.renditions.sweep(claim.change.key, claim.change.sequencer)
            facts = {"error": failure, "timings": self.attempts.timings(claim)}
            self.claims.commit(claim, "failed", facts)
        self.attempts.failed(claim, delivery, error, stage, is_kept=is_kept)

    def fail_in_advance(self, claim: Claim, error: PermanentError) -> None:
        """Record in advance how the last attempt ends if the function does."""
        failure: Failure = {"code": error.code, "message": error.message}
        if not self.keeper.keep(claim, failure, retry=failure, is_over=False):
            self.renditions.sweep(claim.change.key, claim.change.sequencer)
            self.claims.fail_in_advance(claim, failure)

    def _make(self, claim: Claim, delivery: Delivery) -> None:
        change, watch = claim.change, claim.watch
        watch.resume()
        self.attempts.begun(claim, delivery)
        try:
            original = read_original(self.s3, self.settings.raw_bucket, change.key, self.limits)
            watch.lap("fetch")
            if original is None:
                self._record_absence(claim)
                return
            self.attempts.identify(claim, original)
            # What fails from here on is about this file.
            claim.entry["etag"], claim.entry["size"] = original.etag, len(original.data)
            name = change.recipe or original.recipe or DEFAULT
            claim.entry["recipe"] = name
            recipe = self.recipes.find(name)
            memory = memory_needed(original.data, recipe, self.limits)
            watch.lap("inspect")
            screened = self._screen(claim, original, recipe)
            if screened.reasons is not None:
                self._hold(claim, delivery, original, name, screened)
                return
            rendered = self._render(
                original, recipe, delivery, watch, memory, labels.things(screened.facts)
            )
            stored = self._store(claim, rendered)
        except PermanentError as error:
            self.fail(claim, delivery, error)
            return
        watch.lap("store")
        timings = self.attempts.timings(claim, rendered)
        if change.kind == "created":
            timings["since_upload"] = milliseconds_since(change.time)
        self.claims.commit(
            claim,
            "done",
            {
                "size": len(original.data),
                "etag": original.etag,
                "recipe": name,
                **rendered.header.facts,
                **screened.facts,
                **labels.seen(screened.facts, msgspec.to_builtins(rendered.analysis)),
                "renditions": stored,
                "timings": timings,
            },
        )
        watch.lap("commit")
        self.attempts.done(claim, delivery, rendered, timings, len(original.data))

    def _screen(self, claim: Claim, original: Original, recipe: Recipe) -> Screened:
        """See what is in the picture, where somebody wants to know."""
        if self.screening is None:
            claim.watch.leave_out("analyze")
            return Screened({}, None)
        screened = self.screening.look(claim, original, recipe, self.limits, self.limiter)
        claim.watch.lap("analyze")
        return screened

    def _hold(
        self,
        claim: Claim,
        delivery: Delivery,
        original: Original,
        recipe: str,
        screened: Screened,
    ) -> None:
        """Publish nothing, not even what an older original has left, and have it reviewed."""
        assert self.screening is not None  # noqa: S101 (who else has flagged it)
        if not claim.is_first:
            self.renditions.sweep(claim.change.key, claim.change.sequencer)
        facts = {
            "size": len(original.data),
            "etag": original.etag,
            "recipe": recipe,
            **inspect(original.data, self.limits).header.facts,
            **self.screening.held(screened),
        }
        self.claims.commit(claim, "review", facts)
        # The entry comes first: the execution finds there what it is to take over.
        execution = self.screening.start_review(claim.change)
        self.attempts.held(claim, delivery, screened.reasons or [], execution)

    def _render(
        self,
        original: Original,
        recipe: Recipe,
        delivery: Delivery,
        watch: Stopwatch,
        memory: int,
        seen: Seen,
    ) -> Rendered:
        """Make the renditions, once there is room for it, within the time that is left."""
        with self.limiter.acquire(memory):
            watch.lap("wait")
            left = delivery.remaining() - TIME_MARGIN
            limits = replace(self.limits, max_seconds=min(left, self.limits.max_seconds))
            try:
                rendered = render(original.data, recipe, limits, self.watermark_images, seen=seen)
            except ImageError as error:
                if error.code == "too-slow" and left < self.limits.max_seconds:
                    raise OutOfTimeError(
                        f"The function's time ended while the picture was worked on, after "
                        f"{max(0, left):.0f} s."
                    ) from error
                raise
        watch.lap("render")
        return rendered

    def _store(self, claim: Claim, rendered: Rendered) -> list[RenditionEntry]:
        change = claim.change
        keys = [
            rendition_key(change.key, each.name, each.extension) for each in rendered.renditions
        ]
        writes = [
            self.senders.submit(
                self.renditions.write, key, change.sequencer, each, is_first=claim.is_first
            )
            for key, each in zip(keys, rendered.renditions, strict=True)
        ]
        # All have to have ended, for good or ill, before anything is said of them.
        errors = [error for write in writes if (error := write.exception())]
        if errors:
            raise errors[0]
        entries: list[RenditionEntry] = [
            {
                "name": each.name,
                "key": key,
                "width": each.width,
                "height": each.height,
                "bytes": len(each.data),
                "type": each.content_type,
                "ms": each.milliseconds,
                "at": each.at,
                "etag": write.result(),
            }
            for key, each, write in zip(keys, rendered.renditions, writes, strict=True)
        ]
        if not claim.is_first:
            self.renditions.sweep(change.key, change.sequencer, set(keys))
        return entries

    def _record_absence(self, claim: Claim) -> None:
        """There is no original: it was removed, and its renditions go with it."""
        if claim.change.kind == "created":
            raise PermanentError(
                MISSING_ORIGINAL, "The original is no longer in the bucket. Upload it again."
            )
        count = self.renditions.sweep(claim.change.key, claim.change.sequencer)
        self.claims.commit(claim, "deleted", {})
        logger.info(
            "deleted", key=claim.change.key, sequencer=claim.change.sequencer, renditions=count
        )

    def _give_up(self, claim: Claim, delivery: Delivery, reason: Failure) -> None:
        """Record the failure of the last delivery; the message goes to the dead-letter queue."""
        message = (
            f"Gave up after {delivery.number} attempts; the last one ended with {reason['code']}: "
            f"{reason['message']} The message is in the dead-letter queue: `darkroom redrive` "
            "tries again."
        )
        failure: Failure = {"code": "gave-up", "message": message}
        if not self.keeper.keep(claim, failure, retry=reason):
            with suppress(Exception):
                self.renditions.sweep(claim.change.key, claim.change.sequencer)
            self.claims.commit(claim, "failed", {"error": failure, "retry": reason})
        delivery.metrics.failed("gave-up")
        logger.error(
            "gave up", key=claim.change.key, sequencer=claim.change.sequencer, reason=reason
        )
