"""Refocusing: an image whose focal point was edited gets the renditions that follow it.

The message has no sequencer: it says look. An attempt that is in progress looks at its commit.
"""

from processor.catalog.entries import Catalog
from processor.catalog.metadata import is_out_of_focus
from processor.change import SEQUENCER_DIGITS, UNKNOWN_SEQUENCER, Change


def refocused(key: str, written: str) -> Change:
    """Return what the message says that an image's focal point was edited.

    ``written`` is when S3 stored the original.
    """
    return Change("refocused", key, written, UNKNOWN_SEQUENCER)


def request_after(key: str, message: str, catalog: Catalog) -> Change | None:
    """Return the request for renditions that follow the focal point; None if they do already.

    It is newer than the entry, and older than any other request that waits in the queue, which
    renders them too. A further receive of the same message gets the same request.
    """
    entry = catalog.get(key)
    if entry is None:
        return None
    sequencer = entry["sequencer"]
    if entry.get("message") != message or entry["status"] != "processing":
        if not is_out_of_focus(entry):
            return None
        write, _, request = sequencer.partition(".")
        moment = int(request or "0", 16) + 1
        sequencer = f"{write.ljust(SEQUENCER_DIGITS, '0')}.{moment:016X}"
    return Change("refocused", key, entry["timestamp"], sequencer)
