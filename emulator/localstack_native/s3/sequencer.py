"""Sequencer of S3 events: increasing numbers, which order the writes of a key."""

import itertools
import time
from typing import Any

# A clock can repeat a value between two writes; a counter from 0 would after a restart.
_numbers = itertools.count(time.time_ns())


def number_events() -> None:
    """Give each S3 event the number of its write; LocalStack gives all events the same.

    "The sequencer key provides a way to determine the sequence of events. […] The string
    representing the sequence is a hexadecimal value." (S3 user guide, "Event message structure")
    """
    from localstack.services.s3 import notifications

    context_class: Any = notifications.S3EventNotificationContext
    notifier_class: Any = notifications.BaseNotifier
    make_context = context_class.from_request_context
    make_payload = notifier_class._get_event_payload  # noqa: SLF001 (no other extension point)

    def numbered_context(_: type, *arguments: Any, **named: Any) -> Any:
        """Take the number while the writing request holds the key's lock (``ExtendedS3``)."""
        context = make_context(*arguments, **named)
        context.sequencer = f"{next(_numbers):018X}"
        return context

    def numbered_payload(context: Any, *arguments: Any) -> Any:
        """Replace LocalStack's constant; events of tags and ACLs have no sequencer."""
        payload = make_payload(context, *arguments)
        written = payload["Records"][0]["s3"]["object"]
        if "sequencer" in written:
            written["sequencer"] = context.sequencer
        return payload

    context_class.from_request_context = classmethod(numbered_context)
    notifier_class._get_event_payload = staticmethod(numbered_payload)  # noqa: SLF001
