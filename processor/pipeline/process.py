"""The work on one image: load, moderate, render, store, commit.

docs/explanation/reliability.md explains failing steps, and other attempts at the same key.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import msgspec
from botocore.exceptions import ClientError

from processor.catalog import published
from processor.catalog.claims import Claim, Claims
from processor.catalog.duplicates import Duplicates
from processor.catalog.entries import Entry, Failure, Point, RenditionEntry
from processor.catalog.metadata import is_out_of_focus
from processor.change import DEFAULT_RECIPE, Change, milliseconds_since
from processor.errors import MISSING_ORIGINAL, OutOfTimeError, PermanentError
from processor.images import (
    Encoded,
    ImageError,
    Limits,
    Rendered,
    Source,
    WatermarkImages,
    memory_needed,
    name_at,
    open_source,
    render,
)
from processor.moderation import labels
from processor.moderation.policy import Decision, Moderation
from processor.pipeline.failed_requests import FailedRequests
from processor.pipeline.job import Job, Loaded
from processor.pipeline.memory_limiter import MemoryLimiter
from processor.pipeline.recipe_book import RecipeBook
from processor.settings import PipelineSettings
from processor.storage.originals import Original, read_original
from processor.storage.renditions import CHANGED, MISSING, Renditions, check_key, rendition_key
from processor.storage.variants import Variants
from processor.storage.versions import purge
from processor.telemetry.log import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from processor.images import Flaw

TIME_MARGIN = 2.0
"""Seconds of the function's time that are left when the rendering of an image is abandoned."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The steps from a claimed change to its outcome, over S3 and the catalog."""

    settings: PipelineSettings
    s3: "S3Client"
    claims: Claims
    recipes: RecipeBook
    watermark_images: WatermarkImages
    limits: Limits
    limiter: MemoryLimiter
    executor: Executor
    """Stores the renditions of an image in parallel."""
    moderation: Moderation | None = None
    """None where images are not analyzed."""
    duplicates: Duplicates | None = None
    """None finds none."""
    sweep_later: Callable[[Change], None] = lambda _: None
    """Requests that a key's stale variants are deleted once no earlier request is left."""
    renditions: Renditions = field(init=False)
    variants: Variants = field(init=False)
    failed_requests: FailedRequests = field(init=False)

    def __post_init__(self) -> None:
        renditions = Renditions(self.s3, self.settings.processed_bucket)
        object.__setattr__(self, "renditions", renditions)
        object.__setattr__(self, "variants", Variants(self.s3, self.settings.processed_bucket))
        object.__setattr__(self, "failed_requests", FailedRequests(self.claims, renditions))

    def process(self, job: Job) -> None:
        """Bring a job to its outcome: ``done``, ``review``, ``deleted`` or ``failed``.

        Raises transient errors, ``LostClaimError`` and ``SupersededError``.
        """
        job.attempt.begin(job.claim.crashes)
        try:
            original = self.fetch(job)
            if original is None:
                self.delete(job)
                return
            loaded = self.inspect(job, original)
            self.find_duplicate(job, loaded)
            decision = self.moderate(job, loaded)
            if decision.reasons is not None:
                self._hold(job, loaded, decision)
                return
            facts, rendered = decision.facts, self._refocus(job, loaded)
            if rendered is None:
                rendered = self.render(job, loaded, facts)
                analysis = msgspec.to_builtins(rendered.analysis)
            else:
                known = cast("Mapping[str, Any]", job.claim.entry)
                facts = {**labels.facts(known), **facts}
                analysis = labels.undetected(known)
            stored = self.store(job, rendered.renditions)
        except PermanentError as error:
            self.refuse(job, error)
            return
        timings = job.attempt.timings
        if job.claim.change.kind == "created":
            timings["since_upload"] = milliseconds_since(job.claim.change.time)
        with job.attempt.stage("commit"):
            facts = with_focal_point(facts, job.claim.entry.get("focal_point"))
            self.commit(job, rendered.facts, facts, analysis, stored, timings)
        bytes_out = sum(len(each.data) for each in rendered.renditions)
        job.attempt.done(len(stored), loaded.original.stored_bytes, bytes_out, timings)

    def fetch(self, job: Job) -> Original | None:
        """Return the original; None if it was deleted.

        Raises ``PermanentError``, ``LostClaimError`` and transient errors.
        """
        change = job.claim.change
        with job.attempt.stage("fetch"):
            original = read_original(self.s3, self.settings.raw_bucket, change.key, self.limits)
            if original is None:
                # Another attempt may have deleted it after its outcome, whose renditions a failure
                # of this one would delete.
                self.claims.check(job.claim)
                if change.kind != "discarded" and (error := self._missing(job.claim)):
                    raise error
                if change.kind == "created":
                    raise PermanentError(
                        MISSING_ORIGINAL,
                        "The original is no longer in the bucket. Upload it again.",
                    )
                return None
        name = self._requested(job.claim, original) or original.recipe or DEFAULT_RECIPE
        # A failure from here on belongs to this file.
        job.claim = job.claim.knowing(
            etag=original.etag,
            size=original.stored_bytes,
            version_id=original.version_id,
            recipe=name,
            name=original.name,
            correlation_id=original.correlation_id,
        )
        job.attempt.identify(job.claim.entry.get("correlation_id"))
        return original

    def _missing(self, claim: Claim) -> PermanentError | None:
        """Return why the original of what is published is missing; None if somebody removed it."""
        # S3 may report later that it has expired. A change of the key says what has happened.
        is_request = claim.change.kind in {"requested", "refocused"}
        days = self.settings.originals_retention if is_request else 0
        return published.missing_original(claim.entry, days, self.claims.clock())

    def has_original(self, key: str) -> bool:
        """Return whether there is an original."""
        try:
            self.s3.head_object(Bucket=self.settings.raw_bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return False
            raise
        return True

    def inspect(self, job: Job, original: Original) -> Loaded:
        """Find the recipe and check the original's header. Raises ``PermanentError``."""
        with job.attempt.stage("inspect"):
            check_key(job.claim.change.key)
            recipe = self.recipes.find(job.claim.entry["recipe"])
            source = _open(original, self.limits)
            memory = memory_needed(source, recipe, self.limits)
            return Loaded(original, source, recipe, memory)

    def find_duplicate(self, job: Job, loaded: Loaded) -> None:
        """Add the key of an earlier image with the same bytes to the claim.

        Raises ``PermanentError`` if duplicates are refused, unless the image is published already.
        """
        if self.duplicates is None:
            return
        file, change = loaded.source.sha256, job.claim.change
        key = self.duplicates.first(file, change.key, loaded.original.etag)
        job.claim = job.claim.knowing(duplicate_of=key)
        if key and self.duplicates.refuses and not published.is_unchanged(job.claim.entry):
            raise PermanentError(
                "duplicate",
                f"The same file was uploaded before, as {key}, and this stack refuses duplicates. "
                "Use that image, or delete it and process this one again.",
            )

    def moderate(self, job: Job, loaded: Loaded) -> Decision:
        """Have Rekognition analyze the image where that is on, and decide whether to hold it."""
        if self.moderation is None:
            return Decision({}, None)
        with job.attempt.stage("analyze"):
            return self.moderation.decide(
                job.claim.entry,
                loaded.original,
                loaded.source,
                loaded.recipe,
                self.limits,
                self.limiter.acquire,
            )

    def render(
        self,
        job: Job,
        loaded: Loaded,
        facts: Mapping[str, Any],
        only: Collection[str] | None = None,
    ) -> Rendered:
        """Render the renditions, or ``only`` some of the recipe's, within the remaining time.

        ``facts`` are what Rekognition detected, as fields of the entry. Raises ``ImageError``, and
        ``OutOfTimeError`` if the function's time was too short.
        """
        with ExitStack() as stack:
            with job.attempt.stage("wait"):
                stack.enter_context(self.limiter.acquire(loaded.memory))
            left = job.remaining() - TIME_MARGIN
            limits = replace(self.limits, max_seconds=min(left, self.limits.max_seconds))
            with job.attempt.stage("render"):
                try:
                    rendered = render(
                        loaded.source,
                        loaded.recipe,
                        limits,
                        self.watermark_images,
                        only=only,
                        regions=labels.crop_regions(facts, job.claim.entry.get("focal_point")),
                    )
                except ImageError as error:
                    if error.code == "too-slow" and left < self.limits.max_seconds:
                        raise OutOfTimeError(
                            f"The function ran out of time after {max(0, left):.0f} s of rendering."
                        ) from error
                    raise
        parts = [(each.name, each.at, each.milliseconds) for each in rendered.renditions]
        job.attempt.rendered(rendered.decode_milliseconds, parts)
        return rendered

    def _refocus(self, job: Job, loaded: Loaded) -> Rendered | None:
        """Return the renditions of a refocused image: those that crop again, the others as stored.

        None if they have to be rendered all: the original or its recipe is another one, or a
        stored rendition is not as the entry describes it.
        """
        entry = job.claim.entry
        if job.claim.change.kind != "refocused" or not published.is_unchanged(entry):
            return None
        before = entry["published"]
        planned = [
            (name_at(each.name, density), each)
            for each in loaded.recipe.renditions
            for density in each.densities
        ]
        known = {each["name"]: each for each in entry.get("renditions", ())}
        is_same = before["status"] == "done" and before.get("recipe") == entry.get("recipe")
        if not is_same or known.keys() != {name for name, _ in planned}:
            return None
        cropped = {
            each.name for _, each in planned if each.resize and each.resize.follows_focal_point
        }
        others = [known[name] for name, each in planned if each.name not in cropped]
        stored = list(self.executor.map(self.renditions.read, others))
        if None in stored:
            return None
        if cropped:
            rendered = self.render(job, loaded, cast("Mapping[str, Any]", entry), only=cropped)
        else:
            warnings = cast("tuple[Flaw, ...]", tuple(entry.get("warnings", ())))
            rendered = Rendered(loaded.source.header, [], None, 0, warnings)
        all_renditions = {each.name: each for each in [*rendered.renditions, *stored] if each}
        return replace(rendered, renditions=[all_renditions[name] for name, _ in planned])

    def store(self, job: Job, renditions: Sequence[Encoded]) -> list[RenditionEntry]:
        """Store renditions, delete the original's others, and return their catalog entries.

        Raises ``PermanentError`` before it stores any, ``SupersededError`` and transient errors.
        """
        claim = job.claim
        key, sequencer = claim.change.key, claim.change.sequencer
        keys = [rendition_key(key, each.name, each.extension) for each in renditions]
        with job.attempt.stage("store"):
            writes = [
                self.executor.submit(
                    self.renditions.write, target, sequencer, each, is_first=claim.is_first
                )
                for target, each in zip(keys, renditions, strict=True)
            ]
            # All writes have to end before one's error ends the attempt.
            errors = [error for write in writes if (error := write.exception())]
            if errors:
                raise errors[0]
            if not claim.is_first:
                self.sweep(claim.change, set(keys))
        return [
            {
                "name": each.name,
                "key": target,
                "width": each.width,
                "height": each.height,
                "bytes": len(each.data),
                "type": each.content_type,
                "ms": each.milliseconds,
                "at": each.at,
                "etag": write.result(),
            }
            for target, each, write in zip(keys, renditions, writes, strict=True)
        ]

    def commit(
        self,
        job: Job,
        header: Mapping[str, Any],
        facts: Mapping[str, Any],
        analysis: Mapping[str, Any] | None,
        renditions: Sequence[RenditionEntry],
        timings: Mapping[str, int],
    ) -> None:
        """Commit ``done``. ``facts`` are other fields of the entry, Rekognition's among them.

        ``analysis`` is the engine's. Raises ``LostClaimError``.
        """
        outcome = {
            **header,
            **facts,
            **labels.merged(facts, analysis),
            "renditions": renditions,
            "timings": timings,
        }
        version = job.claim.entry.get("version_id")
        # An attempt at an older change may have found a newer upload. Its event is still to come,
        # and perhaps others between them, for which the original would be missing.
        is_known = version is None or version == job.claim.entry.get("uploaded_version")
        if is_known and self.settings.delete_original == "after-processing":
            # Committed with the outcome: the removal that follows is not the deletion of the image.
            outcome["original"] = "deleted"
            if version and not self.settings.undelete_days:
                outcome["purged"] = True
        entry = self.claims.commit(job.claim, "done", outcome)
        job.is_out_of_focus = is_out_of_focus(entry)
        self.finish(entry)

    def finish(self, entry: Entry | None) -> None:
        """Delete the original of an outcome that says so, unless it is still needed or another one.

        Also after an attempt that died between its commit and this; a request that has failed since
        then has given the outcome its own sequencer. Where nothing can be undeleted, the version
        that was rendered is deleted: the same bytes may have been uploaded again.
        """
        is_deleted = entry and entry["status"] == "done" and entry.get("original") == "deleted"
        if not entry or not is_deleted or is_out_of_focus(entry):
            return
        bucket, key = self.settings.raw_bucket, entry["filename"]
        if entry.get("purged"):
            purge(self.s3, bucket, key, entry["version_id"])
            return
        try:
            self.s3.delete_object(Bucket=bucket, Key=key, IfMatch=f'"{entry["etag"]}"')
        except ClientError as error:
            if error.response["Error"]["Code"] not in CHANGED:
                raise

    def delete(self, job: Job) -> None:
        """Delete the renditions of a deleted original, and commit ``deleted``."""
        change = job.claim.change
        count = self.sweep(change)
        facts = {"version_id": change.version_id} if change.version_id else {}
        self.claims.commit(job.claim, "deleted", facts)
        logger.info("deleted", key=change.key, sequencer=change.sequencer, renditions=count)

    def sweep(self, change: Change, keep: Collection[str] = ()) -> int:
        """Delete the variants of a claimed key, and its renditions that are not in ``keep``.

        Returns the number of renditions. Raises ``SupersededError``.
        """
        self.sweep_variants(change)
        return self.renditions.sweep(change.key, change.sequencer, keep)

    def sweep_variants(self, change: Change) -> None:
        """Delete the variants of a claimed key, now and later.

        Between the claim and the outcome: a request that has not seen the claim stores before it,
        and one that sees another entry after it has stored deletes its own. ``sweep_later`` is for
        those that die in between.
        """
        self.sweep_later(change)
        self.variants.sweep(change.key)

    def fail(
        self,
        claim: Claim,
        failure: Failure,
        *,
        retry: Failure | None = None,
        execution: str | None = None,
        **facts: object,
    ) -> bool:
        """Record a failure; return whether the outcome before the request stays.

        It stays if the original is still the one that was rendered. Otherwise renditions of older
        originals are deleted and ``failed`` is committed, with ``facts``. ``retry`` is the error of
        a last attempt that a redrive repeats.
        """
        with suppress(Exception) if retry else nullcontext():
            if retry or not claim.is_first:
                self.sweep_variants(claim.change)
        if failure["code"] != MISSING_ORIGINAL and self.failed_requests.keep(
            claim, failure, retry=retry, execution=execution
        ):
            return True
        with suppress(Exception) if retry else nullcontext():
            if retry or not claim.is_first:
                self.renditions.sweep(claim.change.key, claim.change.sequencer)
        known = {"retry": retry, "execution": execution, **facts}
        outcome = {name: each for name, each in known.items() if each is not None}
        self.claims.commit(claim, "failed", {"error": failure, **outcome})
        return False

    def refuse(self, job: Job, error: PermanentError) -> None:
        """Record an image that cannot be processed."""
        failure: Failure = {"code": error.code, "message": error.message}
        is_kept = self.fail(job.claim, failure, timings=job.attempt.timings)
        job.attempt.failed(error.code, error.details, is_kept=is_kept)

    @staticmethod
    def _requested(claim: Claim, original: Original) -> str | None:
        """Return the recipe that the change or an earlier request has given to the original."""
        entry = claim.entry
        is_other = original.version_id != entry.get("version_id")
        if claim.change.kind == "version-removed" and is_other:
            return None
        return claim.change.recipe or entry.get("recipe")

    def _hold(self, job: Job, loaded: Loaded, decision: Decision) -> None:
        """Delete what an older original has published, and start a review."""
        assert self.moderation is not None  # noqa: S101 (only moderation gives reasons)
        claim = job.claim
        if not claim.is_first:
            self.sweep(claim.change)
        facts = {**loaded.source.header.facts, **decision.held()}
        self.claims.commit(claim, "review", facts)
        # The entry comes first: the execution takes it over.
        execution = self.moderation.start_review(claim.change)
        job.attempt.held(decision.reasons or [], execution)


def with_focal_point(facts: Mapping[str, Any], point: Point | None) -> Mapping[str, Any]:
    """Return the facts of an outcome whose renditions follow a focal point, if there is one."""
    return {**facts, "rendered_focal_point": point} if point else facts


def _open(original: Original, limits: Limits) -> Source:
    """Open an original. Raises ``PermanentError``, which names an unsupported encoding."""
    try:
        return open_source(original.data, limits)
    except ImageError as error:
        if error.code != "unsupported-format" or not original.encoding:
            raise
        raise PermanentError(
            "unsupported-encoding",
            f"The original is stored with Content-Encoding: {original.encoding}, which is not "
            "supported. Upload it again without an encoding, or with gzip.",
        ) from error
