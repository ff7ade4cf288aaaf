"""Attempts at an image, observed: their log lines, metrics and X-Ray segments."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from processor.telemetry.log import logger
from processor.telemetry.metrics import MetricsBuffer
from processor.telemetry.timings import StageTimer

if TYPE_CHECKING:
    from processor.telemetry.tracing import Tracer


def tracer(tracing: str) -> "Tracer | None":
    """Return a sender of segments to X-Ray; None where ``tracing`` is not ``on``."""
    daemon = os.environ.get("AWS_XRAY_DAEMON_ADDRESS")
    if tracing != "on" or not daemon:
        return None
    from processor.telemetry.tracing import Tracer  # noqa: PLC0415 (costs nothing where it is off)

    return Tracer(daemon)


@dataclass(slots=True)
class Attempt:
    """Observer of one attempt at a change. It changes nothing that is committed."""

    key: str
    sequencer: str
    metrics: MetricsBuffer = field(default_factory=MetricsBuffer)
    tracer: "Tracer | None" = None
    queued: int | None = None
    """Milliseconds that the message waited in the queue; None where unknown."""
    correlation_id: str | None = None
    _timer: StageTimer = field(default_factory=StageTimer)

    def stage(self, name: str) -> AbstractContextManager[None]:
        """Time the block as a stage (``timings.STAGES``)."""
        return self._timer.stage(name)

    def identify(self, correlation_id: str | None) -> None:
        """Use this correlation id from here on, where it is known."""
        if not correlation_id:
            return
        self.correlation_id = correlation_id
        # Within the fields of one message, which end with it.
        if logger.thread_safe_get_current_keys():
            logger.thread_safe_append_keys(correlation_id=correlation_id)

    def begin(self, crashes: int) -> None:
        """Log the beginning: an attempt whose function crashes leaves no other line."""
        if self.queued is not None:
            self.metrics.measure("QueueTime", self.queued)
        logger.info("begun", **self._named(), queue=self.queued, crashes=crashes)

    def rendered(
        self, decode_milliseconds: int, renditions: Iterable[tuple[str, int, int]]
    ) -> None:
        """Add the parts of the stage ``render``: each rendition's name, start and duration."""
        self._timer.timings["decode"] = decode_milliseconds
        self._timer.add_parts("render", [("decode", 0, decode_milliseconds), *renditions])

    @property
    def timings(self) -> dict[str, int]:
        """Milliseconds of each finished stage, and of ``decode`` and ``queue`` where known."""
        queued = {} if self.queued is None else {"queue": self.queued}
        return {**self._timer.timings, **queued}

    def done(
        self, renditions: int, bytes_in: int, bytes_out: int, timings: Mapping[str, int]
    ) -> None:
        """Report that the entry says ``done``; ``timings`` are those that it has."""
        logger.info(
            "done",
            **self._named(),
            renditions=renditions,
            bytes_in=bytes_in,
            bytes_out=bytes_out,
            timings={**timings, **self.timings},
        )
        self.metrics.done(bytes_in, bytes_out, self._timer.elapsed)
        self._end("done")

    def held(self, reasons: Sequence[Mapping[str, Any]], execution: str) -> None:
        """Report that the entry says ``review``, and which execution waits for the decision."""
        logger.info(
            "held",
            **self._named(),
            reasons=reasons,
            execution=execution,
            timings=self.timings,
        )
        self.metrics.count("ImagesHeld")
        self._end("held")

    def failed(self, code: str, details: Mapping[str, object], *, is_kept: bool = False) -> None:
        """Report that the image cannot be processed.

        ``is_kept`` says that the outcome before a request stays: the entry has a failed request.
        """
        logger.warning(
            "request failed" if is_kept else "failed",
            **self._named(),
            code=code,
            stage=self._timer.stage_name,
            details=details,
            timings=self.timings,
        )
        self.metrics.failed(code)
        self._end(code)

    def interrupted(self) -> None:
        """Report that the attempt has ended without an outcome: another may follow."""
        self._trace("error")

    def _end(self, outcome: str) -> None:
        self.metrics.stages(self._timer.timings)
        self._trace(outcome)

    def _trace(self, outcome: str) -> None:
        if self.tracer:
            self.tracer.send(
                os.environ.get("_X_AMZN_TRACE_ID", ""),
                "image",
                self._timer.started,
                self._timer.spans,
                error=outcome == "error",
                annotations={"correlation_id": self.correlation_id or "", "outcome": outcome},
            )

    def _named(self) -> dict[str, Any]:
        return {"key": self.key, "sequencer": self.sequencer}
