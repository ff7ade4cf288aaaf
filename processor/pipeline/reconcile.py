"""Reconciliation: the repair of what a superseded attempt may have stored."""

from contextlib import suppress

from processor.catalog.claims import Claims
from processor.catalog.entries import Entry
from processor.change import Change
from processor.errors import LostClaimError, SupersededError
from processor.storage.renditions import Renditions
from processor.telemetry.log import logger


def reconcile(key: str, claims: Claims, renditions: Renditions, *, touched: bool) -> Change | None:
    """Compare a key's entry with what is stored; return the newer change if it has to be redone.

    Conditional writes keep a superseded attempt from replacing a newer rendition. They do not keep
    it from storing one that the newer outcome does not have, or from rewriting the same bytes.
    ``touched`` says that the attempt may have written renditions since the newer one began.
    """
    while entry := claims.catalog.get(key):
        kept = [each["key"] for each in entry.get("renditions", ())]
        is_alive = entry.get("lease", 0) > claims.clock()
        with suppress(LostClaimError, SupersededError):
            if is_alive:
                if touched:
                    # The attempt in progress finds its claim lost at the end, and begins again.
                    _reopen(claims, entry)
                return None
            if entry["status"] != "processing":
                renditions.sweep(key, entry["sequencer"], kept)
                if renditions.match(entry):
                    if claims.catalog.get(key) == entry:
                        return None
                    continue
                _reopen(claims, entry)
            return Change(
                "requested",
                key,
                entry["timestamp"],
                entry["sequencer"],
                recipe=entry.get("recipe"),
            )
    return None


def _reopen(claims: Claims, entry: Entry) -> None:
    claims.reopen(entry)
    logger.warning("reconciled", key=entry["filename"], sequencer=entry["sequencer"])
