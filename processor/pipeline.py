"""The way of one object: claim, read, render, store, commit."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from aws_lambda_powertools import Logger

from processor.catalog import Catalog, RenditionEntry, SupersededError
from processor.errors import PermanentError
from processor.events import ObjectCreated
from processor.images import ImageError, Limits, Marks, Recipe, render
from processor.settings import Settings
from processor.storage import read_original, write_rendition

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

logger = Logger()

DEFAULT = "default"
"""The recipe of originals that name none."""

TOO_COSTLY = PermanentError(
    "too-costly",
    "The picture took more time or memory than there is, more than once. "
    "Upload a smaller or simpler version of it.",
)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Processes objects of the raw bucket, one at a time."""

    settings: Settings
    s3: "S3Client"
    catalog: Catalog
    recipes: Mapping[str, Recipe]
    marks: Marks
    limits: Limits = field(default_factory=Limits)

    def process(self, event: ObjectCreated, *, is_last_attempt: bool = False) -> None:
        """Bring the object to ``done``, or to ``failed`` with a reason, in the catalog.

        A duplicate or outdated event does nothing. Errors that may pass by themselves
        (throttling, timeouts) are raised: the message is to be delivered again. A picture at which
        an earlier attempt died (out of time or memory) is not tried a last time: it would take the
        rest of its batch along once more.
        """
        try:
            has_killed = self.catalog.claim(event)
            if has_killed and is_last_attempt:
                self._fail(event, TOO_COSTLY)
                return
            try:
                self._make(event)
            except (ImageError, PermanentError) as error:
                self._fail(event, error)
            except SupersededError:
                raise
            except Exception as error:
                self.catalog.finish(
                    event, retry={"code": type(error).__name__, "message": str(error)}
                )
                raise
        except SupersededError:
            logger.info("superseded", key=event.key, sequencer=event.sequencer)

    def _make(self, event: ObjectCreated) -> None:
        watch = Stopwatch()
        original = read_original(self.s3, event.bucket, event.key, self.limits)
        watch.lap("fetch")
        recipe = self._recipe(original.recipe)
        rendered = render(original.data, recipe, self.limits, self.marks)
        watch.lap("render")
        renditions: list[RenditionEntry] = [
            {
                "name": each.name,
                "key": write_rendition(self.s3, self.settings.processed_bucket, event.key, each),
                "width": each.width,
                "height": each.height,
                "bytes": len(each.data),
                "type": each.content_type,
                "ms": each.milliseconds,
            }
            for each in rendered.renditions
        ]
        watch.lap("store")
        timings = {
            **watch.laps,
            "decode": rendered.decode_milliseconds,
            "since_upload": milliseconds_since(event.time),
        }
        self.catalog.finish(
            event,
            status="done",
            recipe=original.recipe or DEFAULT,
            format=rendered.header.format,
            width=rendered.header.width,
            height=rendered.header.height,
            frames=rendered.header.frames,
            analysis=msgspec.to_builtins(rendered.analysis),
            renditions=renditions,
            timings=timings,
        )
        logger.info("done", key=event.key, renditions=len(renditions), timings=timings)

    def _recipe(self, name: str | None) -> Recipe:
        """The recipe that the uploader named, or the default."""
        try:
            return self.recipes[name or DEFAULT]
        except KeyError:
            raise PermanentError(
                "unknown-recipe",
                f"There is no recipe {name!r}. There are: {', '.join(sorted(self.recipes))}. "
                "Upload the original again with one of them, or with none.",
            ) from None

    def _fail(self, event: ObjectCreated, error: ImageError | PermanentError) -> None:
        self.catalog.finish(
            event, status="failed", error={"code": error.code, "message": error.message}
        )
        details = error.details if isinstance(error, ImageError) else {}
        logger.warning("failed", key=event.key, code=error.code, details=details)


class Stopwatch:
    """Times the stages of one piece of work, in milliseconds."""

    def __init__(self) -> None:
        self.laps: dict[str, int] = {}
        self._since = time.perf_counter()

    def lap(self, stage: str) -> None:
        """End ``stage``; the next one begins."""
        now = time.perf_counter()
        self.laps[stage] = round((now - self._since) * 1000)
        self._since = now


def milliseconds_since(time_of_event: str) -> int:
    """Milliseconds from an ISO 8601 time to now; 0 where the clocks disagree."""
    age = datetime.now(UTC) - datetime.fromisoformat(time_of_event)
    return max(0, round(age.total_seconds() * 1000))
