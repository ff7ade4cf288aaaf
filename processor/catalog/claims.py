"""Claims: conditional writes that make one attempt at a time own a key.

docs/explanation/reliability.md has the rules. Only this module writes entries.
"""

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from processor.catalog import conditions, published
from processor.catalog.entries import (
    METADATA,
    WRITTEN,
    Catalog,
    Deleted,
    Entry,
    FailedRequest,
    Failure,
    RenditionEntry,
    shard_of,
)
from processor.catalog.published import is_purged, is_removal_ours
from processor.change import Change, now
from processor.errors import BusyError, DuplicateError, LostClaimError, SupersededError

Outcome = Literal["done", "review", "failed", "deleted"]
Decision = Literal["approve", "reject"]

DAY = 24 * 3600

TOMBSTONE_DAYS = 21
"""How long the entry of a deleted original is kept: longer than the queue (4 days) and the
dead-letter queue (14 more) keep a message that could restore it. With undelete, at least as long
as the original can be restored, to whose image the entry gives its recipe and metadata back."""

MIDNIGHT_DAYS = 2
"""S3 keeps a version until the midnight after its days, and some time longer."""

LASTING = ("renditions", "size", "etag")
"""Fields that a newer change keeps, unless its message has newer values."""

OF_THE_IMAGE = (
    "format",
    "width",
    "height",
    "frames",
    "warnings",
    "gain_map",
    "analysis",
    "label_names",
    "review",
)
"""Fields that a request keeps until its outcome: it refers to the same image."""

OF_THE_CHANGE = (
    "filename",
    "timestamp",
    "shard",
    "sequencer",
    "size",
    "etag",
    "version_id",
    "uploaded_version",
    "recipe",
    "name",
    "owner",
    "correlation_id",
    "duplicate_of",
)
"""Fields that are known before the image is decoded; all others belong to the outcome."""

OF_THE_LISTING = (
    "shard",
    "size",
    "etag",
    "version_id",
    "uploaded_version",
    "recipe",
    "name",
    "duplicate_of",
)
"""Fields of an original, which the entry of a deleted one does not have."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to commit the outcome of a change, until the lease ends or a newer change comes."""

    change: Change
    crashes: int
    """Earlier attempts at this change whose function ended without a result."""
    is_first: bool
    """The key was unknown before: it has no renditions."""
    entry: Entry
    """The entry as the claim has written it."""

    @property
    def owner(self) -> str:
        """The attempt that holds the claim."""
        return self.entry["owner"]

    def knowing(self, **facts: Any) -> "Claim":  # noqa: ANN401 (fields of an entry)
        """Return the claim with facts about the original, which its next write stores."""
        known = {name: each for name, each in facts.items() if each is not None}
        return replace(self, entry=cast("Entry", {**self.entry, **known}))


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims on the entries of a catalog: taken, updated, released and committed."""

    catalog: Catalog
    clock: Callable[[], float] = time.time
    """Returns the time in seconds since 1970."""
    end_review: Callable[[str], None] = lambda _: None
    """Ends the execution that waits with a task token for the review of a superseded image."""
    undelete_days: int = 0
    """How long deleted originals can be restored."""

    def take(
        self, change: Change, message: str, seconds: float, correlation_id: str | None = None
    ) -> Claim:
        """Claim the change for a receive of ``message``, which may work for ``seconds``.

        ``correlation_id`` is the one that the message implies; the original may bring another.

        Raises ``SupersededError`` and ``DuplicateError`` if there is nothing to do, and
        ``BusyError`` if the message has to be received again.
        """
        attempt = {
            "status": "processing",
            "owner": uuid.uuid4().hex,
            "lease": self.clock() + seconds,
            "message": message,
            "attempts": 1,
            **({"correlation_id": correlation_id} if correlation_id else {}),
        }
        # Most keys are new: they need no read.
        before: Entry | None = None
        while True:
            with suppress(LostClaimError):
                if before is None or before["sequencer"] < change.sequencer:
                    if before and change.kind == "removed" and is_removal_ours(before):
                        # What is published stays until the image is discarded.
                        raise DuplicateError
                    return self._begin(change, before, attempt)
                if published.has_failed_request(before):
                    return self._begin(change, before, attempt)
                return self._take_over(change, before, attempt)
            before = self.catalog.get(change.key)
            if before is not None and before["sequencer"] >= change.sequencer:
                if before["owner"] == attempt["owner"]:
                    # The write succeeded; only its response was lost.
                    return _claim(change, {**before}, 0)
                self._check_free(before, change, message)

    def adopt(
        self, change: Change, execution: str, seconds: float, correlation_id: str | None = None
    ) -> Claim:
        """Claim the change for an execution of the workflow, for at most ``seconds``.

        An execution that adopts again gets the same claim. An image that is held for review is
        taken over as it is. Raises ``SupersededError``, ``DuplicateError`` and ``BusyError``.
        """
        attempt = {
            "owner": owner_of(execution),
            "lease": self.clock() + seconds,
            "message": execution,
            "attempts": 1,
            "execution": execution,
            **({"correlation_id": correlation_id} if correlation_id else {}),
        }
        while True:
            before = self.catalog.get(change.key)
            with suppress(LostClaimError):
                if before is None or before["sequencer"] < change.sequencer:
                    return self._begin(change, before, {"status": "processing", **attempt})
                if before["owner"] == attempt["owner"]:
                    # A request that failed in between left this claim, with its own sequencer.
                    return _claim(replace(change, sequencer=before["sequencer"]), {**before}, 0)
                if before["sequencer"] > change.sequencer:
                    raise SupersededError
                if before["status"] != "review":
                    if (left := before.get("lease", 0) - self.clock()) > 0:
                        # A queue message is being processed; its result may need this review.
                        raise BusyError(left)
                    self._check_free(before, change, execution)
                    if published.has_failed_request(before):
                        return self._begin(change, before, {"status": "processing", **attempt})
                    return self._take_over(change, before, {"status": "processing", **attempt})
                held = {
                    **attempt,
                    **_without(before, "retry"),
                    "owner": attempt["owner"],
                    "lease": attempt["lease"],
                }
                held = self._put(held, conditions.still(before))
                return _claim(change, held, 0)

    def of_execution(self, key: str, execution: str) -> Claim:
        """Return the claim that an execution has on its change. Raises ``LostClaimError``."""
        entry = self.catalog.get(key)
        if entry is None or entry["owner"] != owner_of(execution):
            raise LostClaimError
        change = Change(
            "requested", key, entry["timestamp"], entry["sequencer"], recipe=entry.get("recipe")
        )
        return Claim(change, 0, is_first=False, entry=entry)

    def is_suspended(self, key: str, execution: str) -> bool:
        """Return whether a request is processed, whose failure restores the execution's review."""
        entry = self.catalog.get(key)
        before = entry.get("published", {}) if entry else {}
        return bool(before.get("owner") == owner_of(execution))

    def update(self, claim: Claim, facts: Mapping[str, Any], *without: str) -> Claim:
        """Write facts and remove the fields ``without``. Raises ``LostClaimError``."""
        entry = {**_without(claim.entry, *without), **facts}
        self._put_ours(claim, entry)
        return replace(claim, entry=cast("Entry", entry))

    def reopen(self, entry: Entry) -> None:
        """Discard an outcome or a claim, so that the change is processed again.

        Raises ``LostClaimError`` if the entry has changed since it was read.
        """
        void = {"status": "processing", "owner": uuid.uuid4().hex, "attempts": 0}
        if (known := published.snapshot(entry)) is not None:
            void["published"] = known
        self._put(_without(entry, "lease", "in_advance") | void, conditions.still(entry))

    def release(self, claim: Claim, reason: Failure) -> None:
        """End an attempt without an outcome, so that another can follow.

        Raises ``LostClaimError``, also if the attempt has committed and the response was lost.
        """
        end = {"status": "processing", "retry": reason, "attempts": claim.crashes}
        expression, values = conditions.ours(claim.entry)
        condition = (f"{expression} AND #status = :open", {**values, ":open": "processing"})
        self._put(_without(claim.entry, "lease") | end, condition)

    def has_outcome(self, claim: Claim) -> bool:
        """Return whether the attempt has committed its outcome, even if the response was lost."""
        entry = self.catalog.get(claim.change.key)
        return (
            entry is not None
            and entry["owner"] == claim.owner
            and entry["status"] in published.KEPT
            # A review that has not begun is retried.
            and "retry" not in entry
        )

    def check(self, claim: Claim) -> None:
        """Raise ``LostClaimError`` unless the claim is held, or has its outcome."""
        entry = self.catalog.get(claim.change.key) or {}
        if (entry.get("sequencer"), entry.get("owner")) != (claim.change.sequencer, claim.owner):
            raise LostClaimError

    def fail_in_advance(self, claim: Claim, failure: Failure) -> None:
        """Record a failure before an attempt that may crash its function.

        Whatever the attempt writes removes it. Raises ``LostClaimError``.
        """
        key, condition = claim.change.key, conditions.ours(claim.entry)
        conditions.update(self.catalog, key, {"in_advance": failure}, (), condition)

    def expired(self, key: str) -> Claim | None:
        """Return the claim of an attempt that has crashed, if a failure was recorded before it.

        Raises ``BusyError`` until its lease has ended.
        """
        entry = self.catalog.get(key)
        if entry is None or "in_advance" not in entry:
            return None
        if (left := entry.get("lease", 0) - self.clock()) > 0:
            raise BusyError(left)
        change = Change("requested", key, entry["timestamp"], entry["sequencer"])
        return _claim(change, {**entry}, entry["attempts"])

    def expire_original(self, key: str) -> bool:
        """Record that a lifecycle rule has deleted an original, which is missing.

        Returns whether it did. Raises ``BusyError`` while an attempt is in progress, and
        ``LostClaimError`` if the entry changes meanwhile.
        """
        entry = self.catalog.get(key)
        if entry is None or entry["status"] == "deleted" or "original" in entry:
            return False
        if entry["status"] == "processing":
            if (left := entry.get("lease", 0) - self.clock()) > 0:
                raise BusyError(left)
            # The next attempt looks itself.
            return False
        self._put({**entry, "original": "expired"}, conditions.still(entry))
        return True

    def restore(
        self,
        claim: Claim,
        renditions: Sequence[RenditionEntry],
        failed: FailedRequest,
    ) -> None:
        """Restore the outcome that was published before a request, and record the failure.

        Raises ``LostClaimError``.
        """
        self._put_ours(claim, published.restored(claim.entry, renditions, failed))

    def commit(self, claim: Claim, status: Outcome, facts: Mapping[str, Any]) -> Entry:
        """Write the outcome: ``facts`` replace all that was known before it.

        Returns the entry, with its metadata at that moment. Raises ``LostClaimError``.
        """
        entry = {name: each for name, each in claim.entry.items() if name in OF_THE_CHANGE}
        if status == "deleted":
            entry = _without(entry, *OF_THE_LISTING)
            days = max(TOMBSTONE_DAYS, self.undelete_days + MIDNIGHT_DAYS)
            entry["expires"] = round(self.clock()) + days * DAY
            if "deleted" in claim.entry:
                entry["deleted"] = claim.entry["deleted"]
        entry |= {**facts, "status": status}
        if status == "done" and "failed_request" in claim.entry:
            # The published renditions were rendered again; the request has still failed.
            entry["failed_request"] = claim.entry["failed_request"]
        return cast("Entry", self._put_ours(claim, entry))

    def record(self, entry: Entry, decision: Decision, by: str) -> None:
        """Record a decision on a held image before its execution receives it.

        A request for the image that is claimed meanwhile keeps the decision. Raises
        ``LostClaimError`` if the image is no longer held, or another decision came first.
        """
        expression, values = conditions.still(entry)
        expression += " AND #review = :review AND #review_token = :token"
        values |= {":review": entry["review"], ":token": entry["review_token"]}
        self._put({**entry, "review": _decided(entry, decision, by)}, (expression, values))

    def decide(self, claim: Claim, decision: Decision, by: str) -> Claim:
        """Write the decision on a held image. Raises ``LostClaimError``.

        An approved image is processed further; a rejected one is an outcome.
        """
        review = _decided(claim.entry, decision, by)
        if decision == "approve":
            facts = {"status": "processing", "review": review}
            # The decision replaces a request that failed during the review.
            return self.update(claim, facts, "review_token", "failed_request")
        rejected = {"status": "rejected", "review": review}
        return self.update(claim, rejected, "review_token", "lease", "message", "attempts")

    def forget(self, entry: Entry) -> None:
        """Delete the entry of a deleted original. Raises ``LostClaimError`` if it has changed.

        A late message about the key would create another one.
        """
        conditions.delete(self.catalog, entry["filename"], conditions.still(entry))

    def _put(self, entry: Mapping[str, Any], condition: conditions.Condition) -> dict[str, Any]:
        """Write an entry but for its metadata; return it with the metadata that it has now."""
        indexed = _without({**entry, "updated": now()}, "status_shard")
        if "shard" in entry:
            indexed["status_shard"] = f"{entry['status']}/{entry['shard']}"
        written = {name: each for name, each in indexed.items() if name in WRITTEN}
        removed = frozenset() if condition == conditions.new() else WRITTEN - written.keys()
        if entry["status"] == "deleted" and "deleted" not in entry:
            # Nothing can restore the image.
            removed |= frozenset(METADATA)
        there = conditions.update(self.catalog, entry["filename"], written, removed, condition)
        metadata = {name: each for name, each in there.items() if name in METADATA}
        return {**_without(entry, *METADATA), **metadata}

    def _put_ours(self, claim: Claim, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Write an entry while the claim is held; it may end the review before a request."""
        written = self._put(entry, conditions.ours(claim.entry))
        before = claim.entry.get("published", {}).get("review_token")
        self._end_reviews({before}, entry)
        return written

    def _end_reviews(self, tokens: AbstractSet[str | None], entry: Mapping[str, Any]) -> None:
        """End the reviews whose task tokens an entry that replaces another does not have."""
        for token in tokens - _tokens(entry) - {None}:
            self.end_review(cast("str", token))

    def _begin(self, change: Change, before: Entry | None, attempt: dict[str, Any]) -> Claim:
        """Claim a change that is newer than all known changes of its key."""
        given = {"size": change.size, "etag": change.etag, "recipe": change.recipe}
        # The older renditions stay in the bucket until the new ones replace them.
        lasting = LASTING + (OF_THE_IMAGE if change.kind in published.AGAIN else ())
        if change.kind == "created":
            given["version_id"] = given["uploaded_version"] = change.version_id
        else:
            lasting += ("version_id", "uploaded_version")
        if change.kind in ("version-removed", "refocused"):
            # The current version may be the same as before.
            lasting += ("recipe",)
        still = {name: each for name, each in (before or {}).items() if name in lasting}
        entry = {
            **still,
            **{name: each for name, each in given.items() if each is not None},
            **attempt,
            "filename": change.key,
            "timestamp": change.time,
            "shard": shard_of(change.key),
            "sequencer": change.sequencer,
        }
        if change.kind == "version-removed" and before:
            entry["timestamp"] = before["timestamp"]
        if change.kind != "created" and before and (deleted := _deleted(before)):
            entry["deleted"] = deleted
        known = published.snapshot(before) if before else None
        if known is not None and published.is_about(change, known):
            entry["published"] = known
        entry = self._put(entry, conditions.still(before) if before else conditions.new())
        self._end_reviews(_tokens(before or {}), entry)
        is_first = before is None and change.kind == "created"
        return _claim(change, entry, 0, is_first=is_first)

    def _take_over(self, change: Change, before: Entry, attempt: dict[str, Any]) -> Claim:
        """Claim a change after an attempt that ended without an outcome."""
        crashes = before.get("attempts", 0)
        known = {name: each for name, each in before.items() if name == "correlation_id"}
        entry = _without(before, "error", "in_advance") | attempt | known
        entry["attempts"] = crashes + 1
        entry = self._put(entry, conditions.still(before))
        return _claim(change, entry, crashes)

    def _check_free(self, entry: Entry, change: Change, message: str) -> None:
        """Raise an error if a change is superseded, has its outcome, or is being processed."""
        if entry["sequencer"] > change.sequencer:
            raise SupersededError
        may_follow = "retry" in entry or "retry" in entry.get("failed_request", {})
        if may_follow and published.has_failed_request(entry):
            # The lease belongs to the review, which the request has left unchanged.
            return
        if (left := entry.get("lease", 0) - self.clock()) > 0:
            if entry["message"] == message:
                # Acknowledging it would delete the message that the other attempt may still need.
                raise BusyError(left)
            raise DuplicateError
        if entry["status"] != "processing" and not may_follow:
            raise DuplicateError


def owner_of(execution: str) -> str:
    """Return the owner of the claims of a workflow execution."""
    return f"workflow:{execution}"


def _tokens(entry: Mapping[str, Any]) -> set[str | None]:
    """Return the task tokens of an entry's review, and of the one before a request."""
    return {entry.get("review_token"), entry.get("published", {}).get("review_token")}


def _deleted(before: Entry) -> Deleted | None:
    """Return what a restore of the original needs, where the bucket has versions."""
    if before["status"] == "deleted":
        return before.get("deleted")
    if "version_id" in before and "recipe" in before and not is_purged(before):
        return {"version_id": before["version_id"], "recipe": before["recipe"]}
    return None


def _decided(entry: Entry, decision: Decision, by: str) -> dict[str, Any]:
    return {**entry["review"], "decision": decision, "by": by, "decided": now()}


def _claim(change: Change, entry: dict[str, Any], crashes: int, *, is_first: bool = False) -> Claim:
    return Claim(change, crashes, is_first, cast("Entry", entry))


def _without(entry: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: each for name, each in entry.items() if name not in names}
