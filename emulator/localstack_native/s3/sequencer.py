"""Sequencer of S3 events: increasing numbers, which order the writes of a key.

"The sequencer key provides a way to determine the sequence of events. […] The string representing
the sequence is a hexadecimal value." (S3 user guide, "Event message structure")
"""

import itertools
import time
from typing import Any

# A clock can repeat a value between two writes; a counter from 0 would after a restart.
_numbers = itertools.count(time.time_ns())


def create_context(create: Any, *arguments: Any, **named: Any) -> Any:
    """Take an event's number while the writing request holds the key's lock (``ExtendedS3``)."""
    context = create(*arguments, **named)
    context.sequencer = f"{next(_numbers):018X}"
    return context


def event_payload(payload_of: Any, context: Any, *arguments: Any) -> Any:
    """Replace LocalStack's constant; events of tags and ACLs have no sequencer."""
    payload = payload_of(context, *arguments)
    written = payload["Records"][0]["s3"]["object"]
    if "sequencer" in written:
        written["sequencer"] = context.sequencer
    return payload
