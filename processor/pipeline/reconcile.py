"""Putting right what an attempt may have done that something newer has overtaken."""

import time
from contextlib import suppress

from processor.catalog.claims import Claims, LostClaimError
from processor.catalog.entries import Entry
from processor.change import Change
from processor.errors import SupersededError
from processor.storage.renditions import Renditions
from processor.telemetry.log import logger


def settle(key: str, claims: Claims, renditions: Renditions, *, touched: bool) -> Change | None:
    """Look at what is stored of a key; answers the newer change if it has to be worked on again.

    Conditional writes keep an overtaken attempt from replacing a newer rendition, but not from
    bringing back one that the newer outcome does not have, and they take bytes for the same object
    that were written anew. ``touched`` says that the attempt may have written anything since the
    newer one began.
    """
    while entry := claims.catalog.get(key):
        kept = [each["key"] for each in entry.get("renditions", ())]
        is_alive = entry.get("lease", 0) > time.time()
        with suppress(LostClaimError, SupersededError):
            if is_alive:
                if touched:
                    # Who is at work finds the claim lost at the end, and begins again.
                    _reopen(claims, entry)
                return None
            if entry["status"] != "processing":
                renditions.sweep(key, entry["sequencer"], kept)
                if renditions.are_of(entry):
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
    logger.warning("put right", key=entry["filename"], sequencer=entry["sequencer"])
