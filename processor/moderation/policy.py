"""Looking at a picture before it is published, and keeping it back."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import boto3
from botocore.config import Config

from processor.catalog.claims import Claim
from processor.catalog.entries import Failure
from processor.change import Change, now
from processor.images import Limits, Recipe
from processor.images.decode.source import inspect
from processor.moderation import labels
from processor.moderation.preview import (
    is_seen_whole,
    memory_for_picture,
    picture,
)
from processor.moderation.rekognition import Analyst
from processor.moderation.settings import ModerationSettings
from processor.pipeline.memory_limiter import MemoryLimiter
from processor.step_functions.client import Executions
from processor.storage.originals import Original

NOT_STARTED: Failure = {"code": "review-not-started", "message": "The review is about to begin."}
"""Why an entry that says ``review`` may be worked on again: its function died before it told."""


@dataclass(frozen=True, slots=True)
class Screened:
    """What was found, as fields of the entry, and why the picture is to be reviewed."""

    facts: Mapping[str, Any]
    reasons: list[labels.Reason] | None
    """None if it may be published."""


def screening(config: Config, executor: Executor) -> "Screening | None":
    """What the function's environment asks for; None where pictures are not analyzed."""
    wishes = ModerationSettings.from_environment()
    if not wishes.questions:
        return None

    @cache
    def executions() -> Executions:
        # Few pictures are held: the others need not wait for a client to be made.
        return Executions(boto3.client("stepfunctions", config=config), os.environ["WORKFLOW"])

    rekognition = boto3.client("rekognition", config=config)
    return Screening(
        Analyst(rekognition, wishes, executor), lambda change: executions().start(change)
    )


@dataclass(frozen=True, slots=True)
class Screening:
    """Has pictures looked at, and has somebody look at those that are flagged."""

    analyst: Analyst
    start_review: Callable[[Change], str]
    """Begins the workflow for a change, unless it has begun; answers its execution's name."""

    def look(
        self,
        claim: Claim,
        original: Original,
        recipe: Recipe,
        limits: Limits,
        limiter: MemoryLimiter,
    ) -> Screened:
        """Ask what is in the original, unless that is known. Raises ``ImageError``."""
        known = cast("Mapping[str, Any]", claim.entry)
        is_seen = is_seen_whole(inspect(original.data, limits).header.frames, recipe)
        if labels.are_of(known, original.etag, self.analyst.wishes):
            facts = {name: known[name] for name in labels.FIELDS if name in known}
        else:
            with limiter.acquire(memory_for_picture(original.data, limits)):
                copy = picture(original.data, limits)
            found = self.analyst.ask(copy)
            is_seen = is_seen and bool(found)
            facts = labels.read(found, original.etag)
        entry = {**facts, "etag": original.etag}
        wishes = self.analyst.wishes
        return Screened(facts, labels.reasons(entry, wishes, is_seen=is_seen))

    @staticmethod
    def held(screened: Screened) -> dict[str, Any]:
        """The fields of an entry that waits for its review.

        Until the workflow has begun they let a redelivery try that again.
        """
        return {
            **labels.unseen(screened.facts),
            **{name: each for name, each in screened.facts.items() if name == labels.NAMES},
            "review": {"reasons": screened.reasons, "since": now()},
            "retry": NOT_STARTED,
        }
