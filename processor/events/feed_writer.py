"""The feed's writer: it records the visible changes of entries."""

from collections.abc import Sequence
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from processor.catalog.feed import Feed
from processor.events.records import EntryChange
from processor.telemetry.log import logger


@dataclass(frozen=True, slots=True)
class FeedWriter:
    """Writes the change feed."""

    feed: Feed

    def write(self, changes: Sequence[EntryChange]) -> str | None:
        """Record the changes; return the first one's number if they have to be received again.

        A lost change would not be repaired: its readers would wait for it.
        """
        try:
            self.feed.record((change.old, change.new) for change in changes)
        except (BotoCoreError, ClientError):
            logger.exception("feed not written", changes=len(changes))
            return changes[0].number
        return None
