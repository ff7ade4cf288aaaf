"""The entry point of the function of events: of the catalog's stream, one record at a time, and of
stored variants.
"""

from typing import Any

from processor.events.records import EntryChange, read
from processor.handlers import changes
from processor.sqs.s3_events import read_notification

from . import begin, end


def handler(event: dict[str, Any], context: Any) -> dict[str, Any] | None:
    """Show the invocation; its steps are named by what the record of the stream is."""
    (record,) = event["Records"]
    if "s3" in record:
        (created,) = read_notification(event, changes.settings.processed_bucket)
        begin(f"changes/{created.key}")
    else:
        change = read(record)
        begin(f"changes/{change.key}", _what(change))
    answer = changes.handler(event, context)
    end()
    return answer


def _what(change: EntryChange) -> str:
    if change.new is None:
        return "expired"
    edit = (change.old or {}).get("edit")
    return "edited" if change.new.get("edit") != edit else change.new["status"]
