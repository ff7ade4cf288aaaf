"""The steps that are functions; what stands between them is in localstack_init/workflow.asl.json.

Each may run more than once: Step Functions tries again what failed, and what did not answer. So
each looks at the entry first, and goes on only if that is still this execution's.
"""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import msgspec

from processor.catalog.claims import (
    Claim,
    Claims,
    LostClaimError,
)
from processor.catalog.entries import RenditionEntry
from processor.change import Change, now
from processor.errors import (
    MISSING_ORIGINAL,
    DuplicateError,
    OutOfTimeError,
    PermanentError,
    SupersededError,
)
from processor.images import (
    ImageError,
    Limits,
    Rendered,
    WatermarkImages,
    inspect,
    memory_needed,
    render,
)
from processor.moderation import labels
from processor.moderation.preview import is_seen_whole
from processor.pipeline.failed_requests import Keeper
from processor.pipeline.process import (
    DEFAULT,
    TIME_MARGIN,
    TOO_COSTLY,
)
from processor.pipeline.recipe_book import RecipeBook
from processor.pipeline.reconcile import settle
from processor.settings import Settings
from processor.sqs.reprocess import ReprocessQueue
from processor.storage.originals import Original, read_original
from processor.storage.renditions import Renditions, rendition_key
from processor.telemetry.correlation import change_id
from processor.telemetry.log import logger
from processor.telemetry.timings import Stopwatch
from processor.workflow.drafts import Drafts
from processor.workflow.errors import UnprocessableError
from processor.workflow.outcomes import (
    failure_of,
    placed,
    timings,
)
from processor.workflow.previews import Copies, picture_key
from processor.workflow.settings import WorkflowSettings
from processor.workflow.state import (
    Made,
    Work,
    forget,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient

    from processor.catalog.entries import Failure
    from processor.images import Encoded

WRITERS = 8
"""Renditions that are published at the same time."""

WORK_SECONDS = 3600
"""How long a claim lasts beside the review: longer than all retries together."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The work of an execution, over the services."""

    settings: Settings
    workflow: WorkflowSettings
    s3: "S3Client"
    sns: "SNSClient"
    claims: Claims
    recipes: RecipeBook
    watermark_images: WatermarkImages
    limits: Limits
    reprocess: ReprocessQueue
    renditions: Renditions
    copies: Copies
    drafts: Drafts

    def inspect(self, execution: str, work: Work) -> Work:
        """Claim the change, look at the original's header, and see what is to be asked of it."""
        change, watch = _change(work), Stopwatch()
        claim = self._adopted(change, execution)
        watch.lap("claim")
        try:
            original = read_original(self.s3, self.settings.raw_bucket, change.key, self.limits)
            watch.lap("fetch")
            if original is None:
                return self._gone(work, claim)
            if original.etag != claim.entry.get("etag"):
                # What fails from here on is about this file.
                claim = self.claims.update(
                    claim, {"etag": original.etag, "size": len(original.data)}
                )
            name = change.recipe or claim.entry.get("recipe") or original.recipe or DEFAULT
            recipe = self.recipes.find(name)
            memory_needed(original.data, recipe, self.limits)
            header = inspect(original.data, self.limits).header
            watch.lap("inspect")
            asked = self._to_ask(claim, original)
            if asked:
                self.copies.put(execution, original.data)
        except PermanentError as error:
            raise UnprocessableError.of(error) from error
        known = {"correlation_id": original.correlation_id} if original.correlation_id else {}
        own = {"recipe": name, "size": len(original.data), "etag": original.etag}
        self.claims.update(claim, {**known, **own, **header.facts})
        logger.info("inspected", key=change.key, sequencer=change.sequencer, asks=asked)
        return {
            **forget(work, "recipe"),
            "next": "analyze" if asked else "decide",
            "wants": {
                name: name in self.workflow.wishes.questions
                for name in ("labels", "faces", "moderation")
            },
            "picture": picture_key(execution),
            "timeout": self.workflow.review_timeout,
            "renditions": [each.name for each in recipe.renditions],
            "timings": watch.laps,
        }

    def decide(self, execution: str, work: Work) -> Work:
        """Write down what was found, and whether the picture has to be reviewed."""
        claim = self._held(execution, work)
        was_held = claim.entry["status"] == "review"
        if "found" in work:
            facts = labels.read(work["found"], claim.entry["etag"])
            claim = self.claims.update(claim, facts, labels.FIELD, labels.NAMES)
            self.copies.remove(execution)
        recipe = self.recipes.find(claim.entry["recipe"])
        reasons = labels.reasons(
            cast("Mapping[str, Any]", claim.entry),
            self.workflow.wishes,
            is_seen=work.get("found") != {} and is_seen_whole(claim.entry["frames"], recipe),
        )
        if was_held:
            reasons = cast("list[labels.Reason]", claim.entry["review"]["reasons"])
        return {
            **forget(work, "found"),
            "flagged": was_held or reasons is not None,
            "reasons": reasons or [],
        }

    def hold(self, execution: str, work: Work, token: str) -> None:
        """Keep the picture back until somebody decides, and tell of it.

        What an older version has left is removed: nothing of the key is public while it waits.
        """
        claim = self._held(execution, work)
        self.renditions.sweep(work["key"], claim.change.sequencer)
        review = {"reasons": work["reasons"], "since": now()}
        if claim.entry["status"] == "review":
            review["since"] = claim.entry["review"]["since"]
        self.claims.update(
            claim,
            {
                **labels.unseen(cast("Mapping[str, Any]", claim.entry)),
                "status": "review",
                "review": review,
                "review_token": token,
            },
            "renditions",
            "published",
        )
        self.sns.publish(
            TopicArn=self.workflow.workflow_topic,
            Subject="A picture waits for review",
            Message=json.dumps(
                {
                    "event": "held",
                    "key": work["key"],
                    "execution": execution,
                    "reasons": work["reasons"],
                    "seconds": work["timeout"],
                }
            ),
            MessageAttributes={"event": {"DataType": "String", "StringValue": "held"}},
        )
        logger.info("held", key=work["key"], sequencer=work["sequencer"], reasons=work["reasons"])

    def render(self, execution: str, work: Work, name: str, remaining: float) -> Made:
        """Make one of the recipe's renditions, at each of its densities, and store it apart."""
        claim = self._held(execution, work)
        watch = Stopwatch()
        try:
            original = self._original(claim)
            watch.lap("fetch")
            limits = replace(
                self.limits, max_seconds=min(remaining - TIME_MARGIN, self.limits.max_seconds)
            )
            rendered = self._render(original, claim, limits, name)
            watch.lap("render")
            for each in rendered.renditions:
                rendition_key(work["key"], each.name, each.extension)
                self.drafts.put(execution, each)
            watch.lap("store")
        except PermanentError as error:
            raise UnprocessableError.of(error) from error
        except MemoryError as error:
            raise UnprocessableError.of(TOO_COSTLY) from error
        return {
            "stored": [_made(each) for each in rendered.renditions],
            "header": rendered.header.facts,
            "analysis": msgspec.to_builtins(rendered.analysis),
            "timings": {**watch.laps, "decode": rendered.decode_milliseconds},
        }

    def stage(self, execution: str, work: Work) -> Work:
        """Publish what was made, remove all else, and lay out what is to be committed."""
        claim = self._held(execution, work)
        if "staged" not in claim.entry:
            self._publish(claim, execution, work)
        self.drafts.remove(execution)
        return forget(work, "made", "renditions", "timings")

    def _publish(self, claim: Claim, execution: str, work: Work) -> None:
        key, sequencer, made = work["key"], claim.change.sequencer, work["made"]

        def write(each: Mapping[str, Any]) -> RenditionEntry:
            target = rendition_key(key, each["name"], each["extension"])
            rendition = self.drafts.get(execution, each)
            etag = self.renditions.write(target, sequencer, rendition, is_first=False)
            return placed(target, each, etag)

        with ThreadPoolExecutor(WRITERS) as pool:
            renditions = list(pool.map(write, (each for one in made for each in one["stored"])))
        self.renditions.sweep(key, sequencer, {each["key"] for each in renditions})
        self.claims.update(
            claim,
            {
                **made[0]["header"],
                **labels.seen(cast("Mapping[str, Any]", claim.entry), made[0]["analysis"]),
                "staged": renditions,
                "timings": timings(work),
            },
        )

    def settle(self, execution: str, work: Work) -> Work:
        """Leave nothing of an execution that is out of date."""
        key = work["key"]
        self.copies.remove(execution)
        self.drafts.remove(execution)
        try:
            claim = self.claims.held(key, execution)
        except LostClaimError:
            # Before the first step's end nothing was stored.
            again = settle(key, self.claims, self.renditions, touched="wants" in work)
            if again:
                self.reprocess.enqueue(key, again.time, again.recipe)
        else:
            if claim.entry["status"] == "processing":
                # The original has changed, and S3's own message will tell of it.
                reason: Failure = {
                    "code": "changed",
                    "message": "The original was replaced while the workflow was at work.",
                }
                self.claims.release(claim, reason)
        logger.info("superseded", key=key, sequencer=work["sequencer"])
        return work

    def fail(self, execution: str, work: Work, error: Mapping[str, str]) -> dict[str, Any]:
        """Record why a change has no renditions, and return whose fault it is.

        It is the ``picture``'s or the ``system``'s. What was published before a request stays.
        """
        self.copies.remove(execution)
        self.drafts.remove(execution)
        is_picture = error["Error"] == UnprocessableError.__name__
        failure = failure_of(error)
        told = {"fault": "picture" if is_picture else "system", **failure}
        entry = self.claims.catalog.get(work["key"])
        if entry and entry.get("failed_request", {}).get("execution") == execution:
            # It is recorded; only the step's response was lost.
            return told
        # The first step may not have come as far as to claim anything.
        claim = self._adopted(_change(work), execution)
        is_kept = failure["code"] != MISSING_ORIGINAL and Keeper(self.claims, self.renditions).keep(
            claim, failure, execution=execution
        )
        if not is_kept:
            self.renditions.sweep(work["key"], claim.change.sequencer)
            kept = {name: each for name, each in claim.entry.items() if name == "review"}
            self.claims.commit(claim, "failed", {**kept, "error": failure, "execution": execution})
        (logger.warning if is_picture else logger.error)(
            "request failed" if is_kept else "failed",
            key=work["key"],
            sequencer=work["sequencer"],
            code=failure["code"],
            error=error["Error"],
        )
        return told

    def _adopted(self, change: Change, execution: str) -> Claim:
        seconds = self.workflow.review_timeout + WORK_SECONDS
        try:
            return self.claims.adopt(
                change, execution, seconds, change_id(self.settings.raw_bucket, change)
            )
        except (SupersededError, DuplicateError) as error:
            raise SupersededError(change.sequencer) from error

    def _held(self, execution: str, work: Work) -> Claim:
        return self.claims.held(work["key"], execution)

    def _gone(self, work: Work, claim: Claim) -> Work:
        """The original was removed, and its renditions go with it."""
        if work["kind"] == "created":
            raise PermanentError(
                MISSING_ORIGINAL, "The original is no longer in the bucket. Upload it again."
            )
        self.renditions.sweep(work["key"], work["sequencer"])
        self.claims.commit(claim, "deleted", {})
        return {**forget(work, "recipe"), "next": "gone"}

    def _to_ask(self, claim: Claim, original: Original) -> bool:
        """Whether Rekognition has something to say that is not known."""
        wishes = self.workflow.wishes
        if not wishes.questions or claim.entry["status"] == "review":
            return False
        return not labels.are_of(cast("Mapping[str, Any]", claim.entry), original.etag, wishes)

    def _original(self, claim: Claim) -> Original:
        """The original that the execution is about."""
        key = claim.change.key
        original = read_original(self.s3, self.settings.raw_bucket, key, self.limits)
        if original is None or original.etag != claim.entry["etag"]:
            raise SupersededError(f"{key} is another file by now")
        return original

    def _render(self, original: Original, claim: Claim, limits: Limits, name: str) -> Rendered:
        recipe = self.recipes.find(claim.entry["recipe"])
        try:
            seen = labels.things(cast("Mapping[str, Any]", claim.entry))
            return render(
                original.data, recipe, limits, self.watermark_images, only=name, seen=seen
            )
        except ImageError as error:
            if error.code == "too-slow" and limits.max_seconds < self.limits.max_seconds:
                raise OutOfTimeError("The function's time ended while it rendered.") from error
            raise


def _made(rendition: "Encoded") -> dict[str, Any]:
    """A rendition without its bytes, as the Map hands it on."""
    return {
        "name": rendition.name,
        "extension": rendition.extension,
        "width": rendition.width,
        "height": rendition.height,
        "bytes": len(rendition.data),
        "type": rendition.content_type,
        "ms": rendition.milliseconds,
        "at": rendition.at,
    }


def _change(work: Work) -> Change:
    return Change(
        work["kind"], work["key"], work["time"], work["sequencer"], recipe=work.get("recipe")
    )
