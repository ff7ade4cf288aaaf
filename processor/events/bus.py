"""The stack's event bus: events of outcomes, in batches that EventBridge accepts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from processor.events.outcomes import Event, outcome_of
from processor.events.records import EntryChange
from processor.telemetry.log import logger

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SOURCE = "darkroom"
"""The source of all events."""

MOST_ENTRIES = 10
"""Events in one request, at most."""

MOST_BYTES = 256_000
"""Bytes in one request, at most. EventBridge's limit of 262,144 includes names and times."""

OMITTED = ("renditions", "recipe", "reasons")
"""Fields that are left out of an event that is too large, in this order."""


@dataclass(frozen=True, slots=True)
class EventBus:
    """Publishes events, and the outcomes in changes of entries."""

    events: "EventBridgeClient"
    name: str

    def publish(self, changes: Sequence[EntryChange]) -> str | None:
        """Send the event of each outcome in order; return the number of the first that failed."""
        return self.send(
            [
                (change.number, event)
                for change in changes
                if (event := outcome_of(change.old, change.new))
            ]
        )

    def send(self, events: Sequence[tuple[str, Event]]) -> str | None:
        """Send numbered events in order; return the number of the first that failed."""
        for batch in _batches([(number, self._entry(event)) for number, event in events]):
            try:
                response = self.events.put_events(Entries=[entry for _, entry in batch])
            except Exception:
                logger.exception("events not sent", events=len(batch))
                return batch[0][0]
            for (number, _), result in zip(batch, response["Entries"], strict=True):
                if "ErrorCode" in result:
                    reason = f"{result['ErrorCode']}: {result.get('ErrorMessage', '')}"
                    logger.error("event not sent", reason=reason)
                    return number
        for _, event in events:
            logger.info(
                "event sent",
                event=event.id,
                key=event.key,
                sequencer=event.version,
                status=event.status,
                correlation_id=event.correlation_id,
            )
        return None

    def _entry(self, event: Event) -> "PutEventsRequestEntryTypeDef":
        return {
            "EventBusName": self.name,
            "Source": SOURCE,
            "DetailType": f"image.{event.status}",
            "Time": datetime.fromisoformat(event.time),
            "Detail": detail_of(event),
        }


def detail_of(event: Event) -> str:
    """Return an event as JSON, without the fields that make it too large; it names them."""
    omitted: list[str] = []
    while True:
        encoded = msgspec.json.encode(event)
        left = [each for each in OMITTED if getattr(event, each) is not None]
        if len(encoded) <= MOST_BYTES // 2 or not left:
            return encoded.decode()
        omitted.append(left[0])
        event = replace(event, **{left[0]: None}, omitted=omitted)


def _batches(
    entries: "list[tuple[str, PutEventsRequestEntryTypeDef]]",
) -> "Iterator[list[tuple[str, PutEventsRequestEntryTypeDef]]]":
    """Yield entries in requests within EventBridge's limits."""
    batch: list[tuple[str, PutEventsRequestEntryTypeDef]] = []
    size = 0
    for number, entry in entries:
        needed = len(entry["Detail"].encode()) + 100
        if batch and (len(batch) == MOST_ENTRIES or size + needed > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append((number, entry))
        size += needed
    if batch:
        yield batch
