"""Who may bring a key to its outcome: conditional writes to the catalog.

docs/reliability.md has the rules; this is the only place that changes entries.
"""

import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from botocore.exceptions import ClientError

from processor.catalog import Catalog, Entry, Failure, shard_of
from processor.dynamodb import aliases, serialize
from processor.errors import BusyError, DuplicateError, OvertakenError
from processor.events import Change, now

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UpdateItemOutputTypeDef

TOMBSTONE_SECONDS = 21 * 24 * 3600
"""How long it is remembered that an original was deleted: longer than the queue (4 days) and the
dead-letter queue (14 more) keep a message that could bring it back."""

ATTEMPT = ("lease", "message", "attempts", "retry")
"""Fields that an attempt leaves when it ends."""

FACTS = (
    "error", "recipe", "format", "width", "height", "frames", "analysis", "renditions", "timings",
    "expires",
)  # fmt: skip
"""Fields that an outcome has or does not have."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to bring a change to its outcome, until the lease ends or somebody newer comes."""

    change: Change
    owner: str
    deaths: int
    """Earlier attempts at the same change that ended without a word: their function died."""
    is_first: bool
    """Nothing was known of the key before: there can be no renditions of it."""


class LostClaimError(Exception):
    """The claim is somebody else's by now; a new one tells whose, and what is left to do."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Takes claims on the entries of a catalog, and ends them."""

    catalog: Catalog

    def take(self, change: Change, message: str, seconds: float) -> Claim:
        """Claim the change for the delivery of ``message``, which may work for ``seconds``.

        Raises ``OvertakenError``, ``DuplicateError`` and ``BusyError`` where there is nothing to
        do, or nothing yet.
        """
        owner = uuid.uuid4().hex
        while True:
            try:
                return self._begin(change, owner, message, seconds)
            except LostClaimError:
                entry = self.catalog.get(change.key)
            if entry is None or entry["sequencer"] < change.sequencer:
                continue
            if entry["sequencer"] == change.sequencer and entry["owner"] == owner:
                # The write had come through, only its answer had not.
                return Claim(change, owner, deaths=0, is_first=False)
            _check_free(entry, change, message)
            with suppress(LostClaimError):
                return self._take_over(change, entry, owner, message, seconds)

    def reopen(self, entry: Entry) -> None:
        """Make an outcome, or somebody's claim, void: the change is to be worked on again.

        Raises ``LostClaimError`` if the entry has changed since it was read.
        """
        self._update(
            entry["filename"],
            _is(entry),
            {
                "status": "processing",
                "owner": uuid.uuid4().hex,
                "attempts": 0,
                "updated": now(),
            },
            remove=["lease"],
        )

    def give_back(self, claim: Claim, reason: Failure) -> None:
        """End an attempt without an outcome: another is to follow. Raises ``LostClaimError``."""
        self._update(
            claim.change.key,
            _ours(claim),
            {
                "status": "processing",
                "retry": reason,
                "attempts": claim.deaths,
                "updated": now(),
            },
            remove=["lease", "error"],
        )

    def foretell(self, claim: Claim, failure: Failure) -> None:
        """Record a failure before it happens, where the attempt may not live to tell.

        The renditions of an older original have to be gone. Raises ``LostClaimError``.
        """
        self._update(
            claim.change.key,
            _ours(claim),
            {"status": "failed", "error": failure, "retry": failure, "updated": now()},
            remove=["renditions"],
        )

    def finish(
        self, claim: Claim, status: Literal["done", "failed", "deleted"], facts: Mapping[str, Any]
    ) -> None:
        """Make the outcome known: the fields in ``facts``, and no others.

        Raises ``LostClaimError``.
        """
        facts = {**facts, "status": status, "updated": now()}
        if status == "deleted":
            facts["expires"] = round(time.time()) + TOMBSTONE_SECONDS
        gone = [name for name in (*ATTEMPT, *FACTS) if name not in facts]
        if status == "deleted":
            gone += ["shard", "size", "etag"]
        self._update(claim.change.key, _ours(claim), facts, remove=gone)

    def _begin(self, change: Change, owner: str, message: str, seconds: float) -> Claim:
        """Start on a change that is newer than all that is known of its key."""
        values = {
            "status": "processing",
            "timestamp": change.time,
            "shard": shard_of(change.key),
            "sequencer": change.sequencer,
            "owner": owner,
            "lease": time.time() + seconds,
            "message": message,
            "attempts": 1,
            "updated": now(),
            **({} if change.size is None else {"size": change.size}),
            **({} if change.etag is None else {"etag": change.etag}),
            **({} if change.recipe is None else {"recipe": change.recipe}),
        }
        before = self._update(
            change.key,
            ("attribute_not_exists(#filename) OR #sequencer < :sequencer", ["filename"], {}),
            values,
            # The renditions of an older original stay in the bucket until the new ones come.
            remove=[name for name in ("retry", *FACTS) if name not in (*values, "renditions")],
        )
        return Claim(change, owner, 0, is_first=not before and change.kind == "created")

    def _take_over(
        self, change: Change, entry: Entry, owner: str, message: str, seconds: float
    ) -> Claim:
        """Carry on where an attempt ended without an outcome."""
        deaths = entry.get("attempts", 0)
        self._update(
            change.key,
            _is(entry),
            {
                "status": "processing",
                "owner": owner,
                "lease": time.time() + seconds,
                "message": message,
                "attempts": deaths + 1,
                "updated": now(),
            },
            remove=["error"],
        )
        return Claim(change, owner, deaths, is_first=False)

    def _update(
        self,
        key: str,
        condition: tuple[str, list[str], dict[str, Any]],
        values: Mapping[str, Any],
        remove: list[str] | None = None,
    ) -> dict[str, Any]:
        """Set and remove fields where the condition holds; answers the entry as it was before."""
        expression, names, wanted = condition
        update = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        if remove:
            update += " REMOVE " + ", ".join(f"#{name}" for name in remove)
        try:
            answer: UpdateItemOutputTypeDef = self.catalog.dynamodb.update_item(
                TableName=self.catalog.table,
                Key=serialize({"filename": key}),
                UpdateExpression=update,
                ConditionExpression=expression,
                ExpressionAttributeNames=aliases(*names, *values, *(remove or [])),
                ExpressionAttributeValues=serialize(
                    {f":{name}": value for name, value in values.items()} | wanted
                ),
                ReturnValues="ALL_OLD",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                raise LostClaimError from error
            raise
        return answer.get("Attributes", {})


def _check_free(entry: Entry, change: Change, message: str) -> None:
    """Refuse what is out of date, has its outcome, or is being worked on."""
    if entry["sequencer"] > change.sequencer:
        raise OvertakenError
    if (left := entry.get("lease", 0) - time.time()) > 0:
        if entry["message"] == message:
            # To acknowledge it would delete the message that the other attempt may still need.
            raise BusyError(left)
        raise DuplicateError
    if entry["status"] != "processing" and "retry" not in entry:
        raise DuplicateError


def _ours(claim: Claim) -> tuple[str, list[str], dict[str, Any]]:
    """The condition that a claim is still held.

    It holds after the outcome, too: a write whose answer was lost may be sent again.
    """
    return (
        "#sequencer = :ours AND #owner = :me",
        ["sequencer", "owner"],
        {":ours": claim.change.sequencer, ":me": claim.owner},
    )


def _is(entry: Entry) -> tuple[str, list[str], dict[str, Any]]:
    """The condition that nobody has begun or ended anything since ``entry`` was read."""
    return (
        "#sequencer = :seen AND #owner = :then AND #status = :so",
        ["sequencer", "owner", "status"],
        {":seen": entry["sequencer"], ":then": entry["owner"], ":so": entry["status"]},
    )
