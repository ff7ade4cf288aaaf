"""What is told of an attempt: in the log, in the metrics, and to X-Ray."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from processor.catalog.claims import Claim
from processor.errors import PermanentError
from processor.images import Rendered
from processor.pipeline.delivery import Delivery
from processor.settings import Settings
from processor.storage.originals import Original
from processor.telemetry.log import logger
from processor.telemetry.timings import Span, milliseconds_since

if TYPE_CHECKING:
    from processor.telemetry.tracing import Tracer


def tracer(settings: Settings) -> "Tracer | None":
    """What sends segments to X-Ray; None where nobody wants them."""
    daemon = os.environ.get("AWS_XRAY_DAEMON_ADDRESS")
    if settings.tracing != "on" or not daemon:
        return None
    from processor.telemetry.tracing import Tracer  # noqa: PLC0415 (costs nothing where it is off)

    return Tracer(daemon)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Tells of attempts as they begin and end."""

    tracer: "Tracer | None" = None

    def begun(self, claim: Claim, delivery: Delivery) -> None:
        """The work begins. An attempt whose function dies leaves no other line."""
        if claim.queued is not None:
            delivery.metrics.measure("QueueTime", claim.queued)
        logger.info("begun", **_named(claim), queue=claim.queued, crashes=claim.crashes)

    def identify(self, claim: Claim, original: Original) -> None:
        """Go by the id that the original brings, where it brings one."""
        if original.correlation_id:
            claim.entry["correlation_id"] = original.correlation_id
        correlation_id = claim.entry.get("correlation_id")
        # Within the fields of a delivery, which end with it.
        if correlation_id and logger.thread_safe_get_current_keys():
            logger.thread_safe_append_keys(correlation_id=correlation_id)

    def timings(self, claim: Claim, rendered: Rendered | None = None) -> dict[str, int]:
        """Milliseconds of what has been done so far, for the entry."""
        timings = dict(claim.watch.laps)
        if claim.queued is not None:
            timings["queue"] = claim.queued
        if rendered:
            timings["decode"] = rendered.decode_milliseconds
            if claim.change.kind == "created":
                timings["since_upload"] = milliseconds_since(claim.change.time)
        return timings

    def done(
        self,
        claim: Claim,
        delivery: Delivery,
        rendered: Rendered,
        timings: dict[str, int],
        size: int,
    ) -> None:
        """The entry says ``done``; ``size`` is that of the original, in bytes."""
        timings = {**timings, **claim.watch.laps}
        bytes_out = sum(len(each.data) for each in rendered.renditions)
        logger.info(
            "done",
            **_named(claim),
            renditions=len(rendered.renditions),
            bytes_in=size,
            bytes_out=bytes_out,
            timings=timings,
        )
        delivery.metrics.done(size, bytes_out, claim.watch.elapsed)
        delivery.metrics.stages(timings)
        if self.tracer:
            self._trace(claim, "done", rendered)

    def held(
        self,
        claim: Claim,
        delivery: Delivery,
        reasons: Sequence[Mapping[str, Any]],
        execution: str,
    ) -> None:
        """The entry says ``review``, and an execution of the workflow waits for it."""
        logger.info(
            "held",
            **_named(claim),
            reasons=reasons,
            execution=execution,
            timings=self.timings(claim),
        )
        delivery.metrics.count("ImagesHeld")
        delivery.metrics.stages(claim.watch.laps)
        if self.tracer:
            self._trace(claim, "held")

    def failed(
        self,
        claim: Claim,
        delivery: Delivery,
        error: PermanentError,
        stage: str,
        *,
        is_kept: bool = False,
    ) -> None:
        """The entry says ``failed``, by the picture's own fault, seen in ``stage``.

        Where the outcome before it ``is_kept``, the entry has a failed request instead.
        """
        logger.warning(
            "request failed" if is_kept else "failed",
            **_named(claim),
            code=error.code,
            stage=stage,
            details=error.details,
            timings=self.timings(claim),
        )
        delivery.metrics.failed(error.code)
        delivery.metrics.stages(claim.watch.laps)
        if self.tracer:
            self._trace(claim, error.code)

    def broken(self, claim: Claim) -> None:
        """The attempt has ended without an outcome: another may follow."""
        if self.tracer:
            claim.watch.stop()
            self._trace(claim, "error")

    def _trace(self, claim: Claim, outcome: str, rendered: Rendered | None = None) -> None:
        assert self.tracer  # noqa: S101 (callers ask, so that nothing is made in vain)
        spans = list(claim.watch.spans)
        began = next((span.start for span in spans if span.name == "render"), 0)
        if rendered:
            spans.append(Span("decode", began, began + rendered.decode_milliseconds, "render"))
            spans += [
                Span(each.name, began + each.at, began + each.at + each.milliseconds, "render")
                for each in rendered.renditions
            ]
        self.tracer.send(
            os.environ.get("_X_AMZN_TRACE_ID", ""),
            "picture",
            claim.watch.started,
            spans,
            error=outcome == "error",
            annotations={
                "correlation_id": claim.entry.get("correlation_id", ""),
                "outcome": outcome,
            },
        )


def _named(claim: Claim) -> dict[str, Any]:
    """What a line of the log names a piece of work by."""
    return {"key": claim.change.key, "sequencer": claim.change.sequencer}
