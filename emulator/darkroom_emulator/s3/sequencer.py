"""A sequencer that tells which of two writes of a key came later, as that of S3 does."""

import itertools
import time
from typing import Any

# A clock alone could stand still between two writes, and a counter begin anew after a restart.
_numbers = itertools.count(time.time_ns())


def number_events() -> None:
    """Give each event of S3 the number of its write; LocalStack gives the same to all.

    "The sequencer key provides a way to determine the sequence of events. […] The string
    representing the sequence is a hexadecimal value." (S3 user guide, "Event message structure")
    """
    from localstack.services.s3 import notifications

    context_class: Any = notifications.S3EventNotificationContext
    notifier_class: Any = notifications.BaseNotifier
    make_context = context_class.from_request_context
    make_payload = notifier_class._get_event_payload  # noqa: SLF001 (there is no other seam)

    def numbered_context(_: type, *arguments: Any, **named: Any) -> Any:
        """Take the number while the request that writes holds its key (``OrderedS3``)."""
        context = make_context(*arguments, **named)
        context.sequencer = f"{next(_numbers):018X}"
        return context

    def numbered_payload(context: Any, *arguments: Any) -> Any:
        """Replace the constant; events of tags and ACLs have none."""
        payload = make_payload(context, *arguments)
        written = payload["Records"][0]["s3"]["object"]
        if "sequencer" in written:
            written["sequencer"] = context.sequencer
        return payload

    context_class.from_request_context = classmethod(numbered_context)
    notifier_class._get_event_payload = staticmethod(numbered_payload)  # noqa: SLF001
