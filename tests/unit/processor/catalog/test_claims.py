"""Who may work on a change, told by what the catalog says of its key."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from processor.catalog.claims import (
    DAY,
    TOMBSTONE_DAYS,
    Claims,
)
from processor.catalog.entries import (
    Catalog,
    Failure,
    shard_of,
)
from processor.change import Change
from processor.errors import BusyError, DuplicateError, LostClaimError, SupersededError
from tests.unit.processor.clouds import FakeDynamoDB

CHANGE = Change("created", "a", "2026-05-01T12:00:00.000Z", "5", 7, "etag")
NEWER, OLDER = replace(CHANGE, sequencer="6"), replace(CHANGE, sequencer="4")
REASON: Failure = {"code": "SlowDown", "message": "Slow down."}


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        """Seconds since 1970."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return the clock of the claims."""
    return Clock()


@pytest.fixture
def table() -> FakeDynamoDB:
    """Give an empty table."""
    return FakeDynamoDB()


@pytest.fixture
def claims(table: FakeDynamoDB, clock: Clock) -> Claims:
    """Give claims on that table."""
    return Claims(Catalog(table, "table"), clock.time)  # type: ignore[arg-type]


def test_the_first_claim_starts_an_entry(claims: Claims, table: FakeDynamoDB) -> None:
    """What the event says is in the entry, with who works on it and until when."""
    claim = claims.take(CHANGE, "m", 60)
    assert (claim.is_first, claim.crashes) == (True, 0)
    entry = table.items["a"]
    assert entry.pop("updated")
    assert entry == {
        "filename": "a",
        "status": "processing",
        "timestamp": CHANGE.time,
        "shard": shard_of("a"),
        "status_shard": f"processing/{shard_of('a')}",
        "size": 7,
        "etag": "etag",
        "sequencer": "5",
        "owner": claim.owner,
        "lease": 1060.0,
        "message": "m",
        "attempts": 1,
    }


@pytest.mark.parametrize("status", ["done", "failed", "deleted"])
def test_an_entry_is_indexed_by_its_status(
    claims: Claims, table: FakeDynamoDB, status: Any
) -> None:
    """Under the status that it has; a deleted original is in no index."""
    claims.commit(claims.take(CHANGE, "m", 60), status, {})
    shard = shard_of("a")
    expected = None if status == "deleted" else f"{status}/{shard}"
    assert table.items["a"].get("status_shard") == expected


def test_an_outcome_leaves_nothing_of_the_attempt(claims: Claims, table: FakeDynamoDB) -> None:
    """The entry has the facts, and no lease."""
    claim = claims.take(CHANGE, "m", 60)
    claims.commit(claim, "done", {"format": "jpeg", "renditions": []})
    entry = table.items["a"]
    assert (entry["status"], entry["format"]) == ("done", "jpeg")
    assert not {"lease", "message", "attempts", "retry", "error"} & set(entry)


def test_an_outcome_says_all(claims: Claims, table: FakeDynamoDB) -> None:
    """What an older outcome had and the newer one has not is gone."""
    claims.commit(claims.take(CHANGE, "m", 60), "done", {"format": "jpeg", "renditions": [1]})
    newer = claims.take(NEWER, "n", 60)
    assert "format" not in table.items["a"]
    assert table.items["a"]["renditions"] == [1], "they are still stored"
    claims.commit(newer, "failed", {"error": REASON})
    assert table.items["a"]["error"] == REASON
    assert "renditions" not in table.items["a"]


@pytest.mark.parametrize("status", ["done", "failed", "deleted"])
def test_a_duplicate_of_what_has_its_outcome(status: Any, claims: Claims) -> None:
    """There is nothing to do, whoever brings it."""
    claims.commit(claims.take(CHANGE, "m", 60), status, {})
    for message in ("m", "n"):
        with pytest.raises(DuplicateError):
            claims.take(CHANGE, message, 60)


def test_an_older_change_is_overtaken(claims: Claims, table: FakeDynamoDB) -> None:
    """Nothing that is older touches an entry."""
    claims.take(CHANGE, "m", 60)
    before = dict(table.items["a"])
    with pytest.raises(SupersededError):
        claims.take(OLDER, "n", 60)
    assert table.items["a"] == before


def test_a_newer_change_takes_the_claim(claims: Claims) -> None:
    """The older attempt cannot end any more, in any way."""
    old = claims.take(CHANGE, "m", 60)
    new = claims.take(NEWER, "n", 60)
    assert not new.is_first
    with pytest.raises(LostClaimError):
        claims.commit(old, "done", {})
    with pytest.raises(LostClaimError):
        claims.release(old, REASON)
    with pytest.raises(LostClaimError):
        claims.fail_in_advance(old, REASON)
    claims.commit(new, "done", {})


def test_while_an_attempt_is_at_work(claims: Claims, clock: Clock) -> None:
    """Another message's delivery is a duplicate; its own must not be acknowledged."""
    claims.take(CHANGE, "m", 60)
    clock.now += 20
    with pytest.raises(DuplicateError):
        claims.take(CHANGE, "other", 60)
    with pytest.raises(BusyError) as busy:
        claims.take(CHANGE, "m", 60)
    assert busy.value.seconds == 40


@pytest.mark.parametrize("message", ["m", "other"])
def test_a_dead_attempt_is_taken_over(message: str, claims: Claims, clock: Clock) -> None:
    """When its lease has ended anybody may go on; how many have died is known."""
    dead = claims.take(CHANGE, "m", 60)
    for crashes in (1, 2):
        clock.now += 61
        claim = claims.take(CHANGE, message, 60)
        assert (claim.crashes, claim.is_first) == (crashes, False)
    with pytest.raises(LostClaimError):
        claims.commit(dead, "done", {})
    claims.commit(claim, "done", {})


def test_a_claim_that_was_given_back(claims: Claims, table: FakeDynamoDB) -> None:
    """It is free at once, counts as no death, and the entry says why it ended."""
    claims.release(claims.take(CHANGE, "m", 60), REASON)
    assert table.items["a"]["retry"] == REASON
    assert table.items["a"]["status"] == "processing"
    assert claims.take(CHANGE, "m", 60).crashes == 0


@pytest.mark.parametrize("end", ["done", "released", "taken over", "reopened", "superseded"])
def test_a_failure_in_advance_ends_with_its_attempt(
    claims: Claims, table: FakeDynamoDB, clock: Clock, end: str
) -> None:
    """The image is processing until then, and whatever follows replaces the failure."""
    claim = claims.take(CHANGE, "m", 60)
    claims.fail_in_advance(claim, REASON)
    assert table.items["a"]["status"] == "processing"
    with pytest.raises(BusyError):
        claims.take(CHANGE, "m", 60)
    if end == "done":
        claims.commit(claim, "done", {})
    elif end == "released":
        claims.release(claim, REASON)
    elif end == "reopened":
        claims.reopen(claims.catalog.get("a") or pytest.fail("there is an entry"))
    elif end == "superseded":
        claims.take(NEWER, "n", 60)
    else:
        clock.now += 61
        assert claims.take(CHANGE, "redriven", 60).crashes == 1
    assert "in_advance" not in table.items["a"]
    assert claims.expired("a") is None


def test_a_crashed_last_attempt_has_a_claim(claims: Claims, clock: Clock) -> None:
    """When its lease has ended, its failure can be committed, unless another attempt has begun."""
    claims.fail_in_advance(claims.take(CHANGE, "m", 60), REASON)
    with pytest.raises(BusyError) as busy:
        claims.expired("a")
    assert busy.value.seconds == 60
    clock.now += 61
    first, second = claims.expired("a"), claims.expired("a")
    assert first
    assert second
    assert (first.entry["in_advance"], first.crashes) == (REASON, 1)
    claims.take(CHANGE, "redriven", 60)
    with pytest.raises(LostClaimError):
        claims.commit(second, "failed", {})


def test_other_entries_do_not_expire(claims: Claims) -> None:
    """An attempt that ended otherwise, or goes on, has nothing to complete."""
    assert claims.expired("a") is None
    claims.take(CHANGE, "m", 60)
    assert claims.expired("a") is None


def test_a_given_up_change_may_be_redriven(claims: Claims) -> None:
    """A failure that says that another attempt may follow is no outcome to stop at."""
    claims.commit(claims.take(CHANGE, "m", 60), "failed", {"error": REASON, "retry": REASON})
    assert claims.take(CHANGE, "redriven", 60).crashes == 0


def test_a_deleted_original_is_remembered_while_it_can_be_restored(
    claims: Claims, table: FakeDynamoDB, clock: Clock
) -> None:
    """Its entry has the recipe and the metadata that a restored one gets back."""
    versioned = replace(claims, undelete_days=30)
    change = replace(CHANGE, version_id="v1", recipe="avatar")
    versioned.commit(versioned.take(change, "m", 60), "done", {})
    table.items["a"] |= {"alt": "A cat", "edit": "e"}
    removed = replace(NEWER, kind="removed")
    versioned.commit(versioned.take(removed, "n", 60), "deleted", {})
    assert table.items["a"]["expires"] > clock.now + 31 * DAY
    assert table.items["a"]["alt"] == "A cat"
    # Without versions nothing can be restored.
    del table.items["a"]["deleted"]
    last = replace(removed, sequencer="F" * 32)
    claims.commit(claims.take(last, "p", 60), "deleted", {})
    assert "alt" not in table.items["a"]


def test_a_deleted_original_is_remembered(
    claims: Claims, table: FakeDynamoDB, clock: Clock
) -> None:
    """The entry is in no listing and expires, but keeps older changes away until then."""
    claims.commit(claims.take(CHANGE, "m", 60), "deleted", {})
    entry = table.items["a"]
    assert entry["expires"] == clock.now + TOMBSTONE_DAYS * DAY
    assert not {"shard", "size", "etag", "renditions"} & set(entry)
    with pytest.raises(SupersededError):
        claims.take(OLDER, "n", 60)
    assert claims.take(NEWER, "n", 60).is_first is False
    assert "expires" not in table.items["a"]
    assert table.items["a"]["shard"]


def test_a_request_does_not_know_the_file(claims: Claims, table: FakeDynamoDB) -> None:
    """What the entry knows of it stays, and the recipe that is asked for is noted."""
    claims.commit(claims.take(CHANGE, "m", 60), "done", {"recipe": "default"})
    request = Change("requested", "a", CHANGE.time, "5.1", recipe="avatar")
    assert claims.take(request, "n", 60).is_first is False
    entry = table.items["a"]
    assert (entry["size"], entry["etag"], entry["recipe"]) == (7, "etag", "avatar")


def test_an_outcome_that_is_made_void(claims: Claims) -> None:
    """The change is free to be worked on again, and nothing of before can end it."""
    claim = claims.take(CHANGE, "m", 60)
    entry = claims.catalog.get("a")
    assert entry
    claims.reopen(entry)
    with pytest.raises(LostClaimError):
        claims.commit(claim, "done", {})
    with pytest.raises(LostClaimError):
        claims.reopen(entry)
    assert claims.take(CHANGE, "n", 60).crashes == 0


@pytest.mark.parametrize("lost", ["take", "finish"])
def test_a_lost_answer(lost: str, claims: Claims, table: FakeDynamoDB) -> None:
    """boto3 sends a write again whose answer it did not get: it is known as our own."""
    put = table.update_item

    def twice(**named: Any) -> Any:
        put(**named)
        return put(**named)

    if lost == "take":
        table.update_item = twice  # type: ignore[method-assign]
    claim = claims.take(CHANGE, "m", 60)
    table.update_item = twice  # type: ignore[method-assign]
    claims.commit(claim, "done", {})
    assert table.items["a"]["status"] == "done"


def test_an_entry_that_vanishes(
    claims: Claims, table: FakeDynamoDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tombstone that expires between two looks is no reason to give up."""
    claims.commit(claims.take(NEWER, "m", 60), "deleted", {})
    get: Callable[..., Any] = claims.catalog.get

    def expire(key: str) -> Any:
        table.items.clear()
        return get(key)

    monkeypatch.setattr(claims.catalog, "get", expire)
    assert claims.take(CHANGE, "n", 60).is_first
