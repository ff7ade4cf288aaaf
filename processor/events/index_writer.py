"""The index's writer: it follows the changes of entries."""

from collections.abc import Sequence
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from processor.catalog.index import Index
from processor.errors import TRANSIENT_AWS_ERRORS
from processor.events.records import EntryChange
from processor.telemetry.log import logger


@dataclass(frozen=True, slots=True)
class IndexWriter:
    """Writes what images are found by."""

    index: Index

    def write(self, changes: Sequence[EntryChange]) -> str | None:
        """Write the index; return the first change's number if a retry may succeed.

        An error that stays must not hold up the events: `darkroom check --repair` writes the rest.
        """
        try:
            self.index.follow((change.old, change.new) for change in changes)
        except (BotoCoreError, ClientError) as error:
            logger.exception("index not written", changes=len(changes))
            if isinstance(error, ClientError):
                code = error.response["Error"]["Code"]
                return changes[0].number if code in TRANSIENT_AWS_ERRORS else None
            return changes[0].number
        return None
