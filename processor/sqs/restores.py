"""Restores: an archived original that S3 has restored is processed without a further request."""

from datetime import datetime

from processor.catalog.entries import Catalog
from processor.change import SEQUENCER_DIGITS, Change

ARCHIVED = "archived"


def request_after(restored: Change, message: str, catalog: Catalog) -> Change | None:
    """Return the request that a completed restore stands for; None if no entry waits for it.

    The event has no sequencer. The request is newer than the entry; a further receive of the same
    message gets the same request.
    """
    entry = catalog.get(restored.key)
    if entry is None:
        return None
    sequencer = entry["sequencer"]
    if entry.get("message") != message:
        failed = entry.get("failed_request") or entry.get("error")
        if failed is None or failed["code"] != ARCHIVED:
            return None
        write, _, request = sequencer.partition(".")
        # The clock that wrote an earlier request may be ahead of S3's.
        moment = round(datetime.fromisoformat(restored.time).timestamp() * 1e9)
        moment = max(moment, int(request or "0", 16) + 1)
        sequencer = f"{write.ljust(SEQUENCER_DIGITS, '0')}.{moment:016X}"
    recipe = entry.get("failed_request", entry).get("recipe")
    return Change("requested", restored.key, entry["timestamp"], sequencer, recipe=recipe)
