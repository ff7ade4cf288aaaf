"""Who may bring a key to its outcome: conditional writes to the catalog.

docs/reliability.md has the rules; this is the only place that changes entries.
"""

import re
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from botocore.exceptions import ClientError

from processor.catalog import conditions, published
from processor.catalog.attributes import serialize
from processor.catalog.entries import (
    Catalog,
    Entry,
    FailedRequest,
    Failure,
    RenditionEntry,
    shard_of,
)
from processor.change import Change, now
from processor.errors import BusyError, DuplicateError, SupersededError
from processor.telemetry.timings import Stopwatch

Outcome = Literal["done", "review", "failed", "deleted"]

TOMBSTONE_SECONDS = 21 * 24 * 3600
"""How long it is remembered that an original was deleted: longer than the queue (4 days) and the
dead-letter queue (14 more) keep a message that could bring it back."""

LASTING = ("renditions", "size", "etag")
"""Fields that a newer change leaves as they are, unless it knows better."""

OF_THE_PICTURE = ("format", "width", "height", "frames", "analysis", "label_names", "review")
"""Fields that a request leaves as they are, until its outcome: it is about the same picture."""

OF_THE_CHANGE = (
    "filename",
    "timestamp",
    "shard",
    "sequencer",
    "size",
    "etag",
    "recipe",
    "owner",
    "correlation_id",
)
"""Fields that are known before the original was looked at; all others belong to its outcome."""

OF_THE_LISTING = ("shard", "size", "etag", "recipe")
"""Those that the entry of a deleted original does without."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to bring a change to its outcome, until the lease ends or somebody newer comes."""

    change: Change
    crashes: int
    """Earlier attempts at the same change that ended without a word: their function died."""
    is_first: bool
    """Nothing was known of the key before: there can be no renditions of it."""
    entry: Entry
    """The entry as the claim has made it."""
    watch: Stopwatch = field(default_factory=Stopwatch, compare=False)
    """Runs since the claim was asked for."""
    queued: int | None = None
    """Milliseconds that the message waited until then; None where unknown."""

    @property
    def owner(self) -> str:
        """The attempt that holds the claim."""
        return self.entry["owner"]


class LostClaimError(Exception):
    """The claim is somebody else's by now; a new one tells whose, and what is left to do."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Takes claims on the entries of a catalog, and ends them."""

    catalog: Catalog

    def take(
        self, change: Change, message: str, seconds: float, correlation_id: str | None = None
    ) -> Claim:
        """Claim the change for the delivery of ``message``, which may work for ``seconds``.

        ``correlation_id`` is what the message alone tells of it; the original may know better.

        Raises ``SupersededError``, ``DuplicateError`` and ``BusyError`` where there is nothing to
        do, or nothing yet.
        """
        attempt = {
            "status": "processing",
            "owner": uuid.uuid4().hex,
            "lease": time.time() + seconds,
            "message": message,
            "attempts": 1,
            **({"correlation_id": correlation_id} if correlation_id else {}),
        }
        # A new key is what comes most often, and needs no look then.
        before: Entry | None = None
        while True:
            with suppress(LostClaimError):
                if before is None or before["sequencer"] < change.sequencer:
                    return self._begin(change, before, attempt)
                if published.has_failed_request(before):
                    return self._begin(change, before, attempt)
                return self._take_over(change, before, attempt)
            before = self.catalog.get(change.key)
            if before is not None and before["sequencer"] >= change.sequencer:
                if before["owner"] == attempt["owner"]:
                    # The write had come through, only its answer had not.
                    return _claim(change, {**before}, 0)
                _check_free(before, change, message)

    def adopt(
        self, change: Change, execution: str, seconds: float, correlation_id: str | None = None
    ) -> Claim:
        """Claim the change for an execution of the workflow, for up to so many seconds.

        The execution may ask again and has the same claim. A picture that is held for review it
        takes over as it is. Raises ``SupersededError``, ``DuplicateError`` and ``BusyError``.
        """
        attempt = {
            "owner": owner_of(execution),
            "lease": time.time() + seconds,
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
                    # A request that failed meanwhile has left us the claim, with its sequencer.
                    return _claim(replace(change, sequencer=before["sequencer"]), {**before}, 0)
                if before["sequencer"] > change.sequencer:
                    raise SupersededError
                if before["status"] != "review":
                    if (left := before.get("lease", 0) - time.time()) > 0:
                        # A delivery of the queue's: what it leaves may be for us.
                        raise BusyError(left)
                    _check_free(before, change, execution)
                    if published.has_failed_request(before):
                        return self._begin(change, before, {"status": "processing", **attempt})
                    return self._take_over(change, before, {"status": "processing", **attempt})
                held = {
                    **attempt,
                    **_without(before, "retry"),
                    "owner": attempt["owner"],
                    "lease": attempt["lease"],
                }
                self._put(held, conditions.still(before))
                return _claim(change, held, 0)

    def held(self, key: str, execution: str) -> Claim:
        """The claim that an execution has on its change. Raises ``LostClaimError``."""
        entry = self.catalog.get(key)
        if entry is None or entry["owner"] != owner_of(execution):
            raise LostClaimError
        change = Change(
            "requested", key, entry["timestamp"], entry["sequencer"], recipe=entry.get("recipe")
        )
        return Claim(change, 0, is_first=False, entry=entry)

    def update(self, claim: Claim, facts: Mapping[str, Any], *without: str) -> Claim:
        """Write down what is known by now, and forget some fields. Raises ``LostClaimError``."""
        entry = {**_without(claim.entry, *without), **facts}
        self._put(entry, conditions.ours(claim.entry))
        return replace(claim, entry=cast("Entry", entry))

    def reopen(self, entry: Entry) -> None:
        """Make an outcome, or somebody's claim, void: the change is to be worked on again.

        Raises ``LostClaimError`` if the entry has changed since it was read.
        """
        void = {"status": "processing", "owner": uuid.uuid4().hex, "attempts": 0}
        names = ["lease"]
        if "published" in entry and entry.get("lease", 0) > time.time():
            # A failure that was only recorded in advance: the attempt at work begins again.
            names.append("failed_request")
        if (known := published.snapshot(entry)) is not None:
            void["published"] = known
        self._put(_without(entry, *names) | void, conditions.still(entry))

    def release(self, claim: Claim, reason: Failure) -> None:
        """End an attempt without an outcome: another is to follow.

        Raises ``LostClaimError``, also where the attempt has an outcome whose response was lost.
        """
        end = {"status": "processing", "retry": reason, "attempts": claim.crashes}
        expression, values = conditions.ours(claim.entry)
        condition = (f"{expression} AND #status = :open", {**values, ":open": "processing"})
        self._put(_without(claim.entry, "lease") | end, condition)

    def has_outcome(self, claim: Claim) -> bool:
        """Whether the attempt has committed its outcome, though it may not have heard of it."""
        entry = self.catalog.get(claim.change.key)
        return (
            entry is not None
            and entry["owner"] == claim.owner
            and entry["status"] in published.KEPT
            # A review that is yet to begin is retried, and a failure recorded in advance is none.
            and not {"retry", "failed_request"} & entry.keys()
        )

    def fail_in_advance(self, claim: Claim, failure: Failure) -> None:
        """Record a failure before it happens, where the attempt may not live to tell.

        The renditions of an older original have to be gone. Raises ``LostClaimError``.
        """
        end = {"status": "failed", "error": failure, "retry": failure}
        self._put(_without(claim.entry, "renditions") | end, conditions.ours(claim.entry))

    def restore(
        self,
        claim: Claim,
        renditions: Sequence[RenditionEntry],
        failed: FailedRequest,
        *,
        is_over: bool = True,
    ) -> None:
        """Put back the outcome that was published before a request, and record its failure.

        Unless it ``is_over``, the attempt goes on, with its claim. Raises ``LostClaimError``.
        """
        entry = published.restored(claim.entry, renditions, failed)
        if not is_over:
            going_on = ("owner", "lease", "message", "attempts", "published")
            entry = _without(entry, "review_token")
            entry |= {name: each for name, each in claim.entry.items() if name in going_on}
        self._put(entry, conditions.ours(claim.entry))

    def commit(self, claim: Claim, status: Outcome, facts: Mapping[str, Any]) -> None:
        """Make the outcome known: ``facts``, and nothing of what was known before it.

        Raises ``LostClaimError``.
        """
        entry = {name: each for name, each in claim.entry.items() if name in OF_THE_CHANGE}
        entry |= {**facts, "status": status}
        if status == "done" and "failed_request" in claim.entry:
            # What was published had to be put right; the request has failed all the same.
            entry["failed_request"] = claim.entry["failed_request"]
        if status == "deleted":
            entry = _without(entry, *OF_THE_LISTING)
            entry["expires"] = round(time.time()) + TOMBSTONE_SECONDS
        self._put(entry, conditions.ours(claim.entry))

    def _begin(self, change: Change, before: Entry | None, attempt: dict[str, Any]) -> Claim:
        """Start on a change that is newer than all that is known of its key."""
        told = {"size": change.size, "etag": change.etag, "recipe": change.recipe}
        # The older renditions stay in the bucket until the new ones come; what a message does not
        # tell of the file is still so.
        lasting = LASTING + (OF_THE_PICTURE if change.kind == "requested" else ())
        still = {name: each for name, each in (before or {}).items() if name in lasting}
        entry = {
            **still,
            **{name: each for name, each in told.items() if each is not None},
            **attempt,
            "filename": change.key,
            "timestamp": change.time,
            "shard": shard_of(change.key),
            "sequencer": change.sequencer,
        }
        crashes = 0
        if before and (known := published.snapshot(before)) is not None:
            if published.is_about(change, known):
                entry["published"] = known
            if before["sequencer"] == change.sequencer and "published" in before:
                # Its failure was recorded in advance.
                crashes = before.get("attempts", 0)
        entry["attempts"] = crashes + 1
        self._put(entry, conditions.still(before) if before else conditions.new())
        is_first = before is None and change.kind == "created"
        return _claim(change, entry, crashes, is_first=is_first)

    def _take_over(self, change: Change, before: Entry, attempt: dict[str, Any]) -> Claim:
        """Carry on where an attempt ended without an outcome."""
        crashes = before.get("attempts", 0)
        known = {name: each for name, each in before.items() if name == "correlation_id"}
        entry = _without(before, "error") | attempt | known | {"attempts": crashes + 1}
        self._put(entry, conditions.still(before))
        return _claim(change, entry, crashes)

    def _put(self, entry: Mapping[str, Any], condition: conditions.Condition) -> None:
        """Replace an entry where the condition holds."""
        expression, values = condition
        try:
            self.catalog.dynamodb.put_item(
                TableName=self.catalog.table,
                Item=serialize({**entry, "updated": now()}),
                ConditionExpression=expression,
                ExpressionAttributeNames={
                    name: name.removeprefix("#") for name in re.findall(r"#\w+", expression)
                },
                # DynamoDB does not take an empty map for none.
                **({"ExpressionAttributeValues": serialize(values)} if values else {}),  # type: ignore[arg-type]
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                raise LostClaimError from error
            raise


def owner_of(execution: str) -> str:
    """Who holds the claims of an execution of the workflow."""
    return f"workflow:{execution}"


def _claim(change: Change, entry: dict[str, Any], crashes: int, *, is_first: bool = False) -> Claim:
    return Claim(change, crashes, is_first, cast("Entry", entry))


def _without(entry: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: each for name, each in entry.items() if name not in names}


def _check_free(entry: Entry, change: Change, message: str) -> None:
    """Refuse what is out of date, has its outcome, or is being worked on."""
    if entry["sequencer"] > change.sequencer:
        raise SupersededError
    may_follow = "retry" in entry or "retry" in entry.get("failed_request", {})
    if may_follow and published.has_failed_request(entry) and "published" not in entry:
        # A lease is that of the review which the request has left as it was.
        return
    if (left := entry.get("lease", 0) - time.time()) > 0:
        if entry["message"] == message:
            # To acknowledge it would delete the message that the other attempt may still need.
            raise BusyError(left)
        raise DuplicateError
    if entry["status"] != "processing" and not may_follow:
        raise DuplicateError
