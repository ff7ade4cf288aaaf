"""Events of variants: S3's notifications of stored objects become events of the stack's bus."""

from collections.abc import Sequence
from dataclasses import dataclass

from processor.change import Change
from processor.events.bus import EventBus
from processor.events.outcomes import Event, Variant, event_id
from processor.storage.variants import Variants, parts_of
from processor.telemetry.log import logger


class NotSentError(Exception):
    """EventBridge did not accept an event of a variant."""


@dataclass(frozen=True, slots=True)
class VariantEvents:
    """Publishes an event for each variant that is stored."""

    variants: Variants
    bus: EventBus

    def publish(self, changes: Sequence[Change]) -> None:
        """Send the events of created objects, each of which may have one.

        Raises ``NotSentError``, and botocore's errors if S3 cannot be asked: the caller has to
        repeat all of them. Repeated events have the same IDs.
        """
        events = [event for each in changes if (event := self._event(each))]
        if self.bus.send([(event.id, event) for event in events]) is not None:
            raise NotSentError("EventBridge did not accept an event; the log has its reason.")

    def _event(self, created: Change) -> Event | None:
        """Return the event of an object; None if it has been deleted or replaced since.

        What replaces a variant is an object with a notification of its own.
        """
        stored = self.variants.look(created.key)
        if stored is None or stored.etag.strip('"') != created.etag:
            logger.info("variant gone", variant=created.key)
            return None
        key, name = parts_of(created.key)
        if not stored.version or not key:
            logger.warning("no variant", variant=created.key)
            return None
        version = stored.version.partition(" ")[0]
        return Event(
            id=event_id(key, version, "variant-created", name, created.etag),
            key=key,
            version=version,
            status="variant-created",
            time=created.time,
            variant=Variant(
                name=name,
                key=created.key,
                width=stored.width,
                height=stored.height,
                bytes=stored.size,
                type=stored.content_type,
                etag=created.etag,
            ),
        )
