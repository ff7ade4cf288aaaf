"""Error that a step raises for an image that cannot be processed; the state machine names it."""

import msgspec

from processor.catalog.entries import Failure
from processor.errors import PermanentError


class PermanentStepError(Exception):
    """An image that cannot be processed, now or later. The text is a ``Failure``, as JSON."""

    @classmethod
    def of(cls, error: PermanentError) -> "PermanentStepError":
        """Return the error that a step raises for a permanent error of the pipeline."""
        return cls(msgspec.json.encode(Failure(code=error.code, message=error.message)).decode())
