"""Sequencer of S3 events: increasing numbers, which order the writes of a key.

"The sequencer key provides a way to determine the sequence of events. […] The string representing
the sequence is a hexadecimal value." (S3 user guide, "Event message structure")
"""

import itertools
import time
from typing import Any


class Numbers:
    """Increasing numbers, also after a restart with a clock that was set back."""

    def __init__(self) -> None:
        # A clock can repeat a value between two writes; a counter from 0 would after a restart.
        self._numbers = itertools.count(time.time_ns())

    def take(self) -> int:
        """Return a number greater than all before."""
        return next(self._numbers)

    def continue_after(self, number: int) -> None:
        """Return only numbers greater than ``number`` from now on."""
        self._numbers = itertools.count(max(number + 1, self.take()))


numbers = Numbers()


def create_context(create: Any, *arguments: Any, **named: Any) -> Any:
    """Take an event's number while the writing request holds the key's lock (``ExtendedS3``)."""
    context = create(*arguments, **named)
    context.sequencer = f"{numbers.take():018X}"
    return context


def event_payload(payload_of: Any, context: Any, *arguments: Any) -> Any:
    """Replace LocalStack's constant; events of tags and ACLs have no sequencer."""
    payload = payload_of(context, *arguments)
    written = payload["Records"][0]["s3"]["object"]
    if "sequencer" in written:
        written["sequencer"] = context.sequencer
    return payload
