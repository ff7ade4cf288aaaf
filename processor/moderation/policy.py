"""Moderation policy: whether an image is published or held for review."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypedDict, cast

from processor.catalog.entries import Entry, Failure
from processor.change import Change, now
from processor.images import Limits, Recipe, Source
from processor.moderation import labels
from processor.moderation.preview import is_whole, memory_for_preview, preview
from processor.moderation.rekognition import Rekognition
from processor.settings import ModerationSettings
from processor.storage.originals import Original

NOT_STARTED: Failure = {"code": "review-not-started", "message": "The review has not started yet."}
"""The ``retry`` of a held image until its workflow has begun: a redelivery starts it."""


class Reason(TypedDict):
    """Why an image is held: a moderation label, and its confidence in percent."""

    name: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What Rekognition detected, as fields of the entry, and why the image is held."""

    facts: Mapping[str, Any]
    reasons: list[Reason] | None
    """None if the image may be published."""

    def held(self) -> dict[str, Any]:
        """Return the fields of an entry that waits for its review."""
        return {
            **labels.redacted(self.facts),
            **{name: each for name, each in self.facts.items() if name == labels.NAMES},
            "review": {"reasons": self.reasons, "since": now()},
            "retry": NOT_STARTED,
        }


@dataclass(frozen=True, slots=True)
class Moderation:
    """Analyzes images before they are published."""

    rekognition: Rekognition
    start_review: Callable[[Change], str]
    """Starts the workflow for a held image, unless it has started; returns the execution's name."""

    def decide(
        self,
        entry: Entry,
        original: Original,
        source: Source,
        recipe: Recipe,
        limits: Limits,
        acquire: Callable[[int], AbstractContextManager[None]],
    ) -> Decision:
        """Return the decision on an original, asking only for what its entry does not have.

        ``acquire`` reserves bytes of memory. Raises ``ImageError`` and transient errors.
        """
        settings = self.rekognition.settings
        known = cast("Mapping[str, Any]", entry)
        is_complete = is_whole(source.header.frames, recipe)
        if labels.is_current(known, original.etag, settings):
            facts = labels.facts(known)
        else:
            with acquire(memory_for_preview(source, limits)):
                image = preview(source, limits)
            responses = self.rekognition.detect(image)
            is_complete = is_complete and bool(responses)
            facts = labels.read(responses, original.etag)
        judged = {**facts, "etag": original.etag}
        return Decision(facts, reasons(judged, settings, is_whole=is_complete))


def reasons(
    entry: Mapping[str, Any], settings: ModerationSettings, *, is_whole: bool
) -> list[Reason] | None:
    """Return why the image is held for review; None if it is not.

    An image that Rekognition could not read, or only in part (``is_whole`` is false), is held
    without a named reason. An approved image is not held again.
    """
    if settings.analyze != "all" or is_approved(entry):
        return None
    detected = (entry.get(labels.FIELD) or {}).get("moderation", [])
    flagged: list[Reason] = [
        {"name": each["name"], "confidence": each["confidence"]}
        for each in detected
        if each["confidence"] >= settings.moderation_confidence
    ]
    return flagged or (None if is_whole else [])


def is_approved(entry: Mapping[str, Any]) -> bool:
    """Return whether a review has approved this image."""
    review = entry.get("review") or {}
    known = entry.get(labels.FIELD) or {}
    return review.get("decision") == "approve" and known.get("etag") == entry.get("etag")
